// What every driver does with its document when it is done.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "bench/error.hpp"

namespace migbench {

/// To the file `to` (as write_json), to standard output on one line where it is "-", nowhere where
/// it is empty. Throws Error, also where standard output cannot take it (a full disk behind it).
void deliver_document(const nlohmann::json& document, const std::string& to);

/// What became of a driver's document that may have the member "corrupt", a list of texts: sizes
/// whose contents arrived wrong. Says each on standard error, and that `suspect` ("the transport")
/// or its memory is broken. ExitCode::failed where there is one.
[[nodiscard]] ExitCode judge_contents(const nlohmann::json& document, const std::string& program,
                                      const std::string& suspect);

}  // namespace migbench
