// What to say when a verbs call fails: the call, errno's text, and the likely remedy.
#pragma once

#include <cerrno>
#include <string>
#include <string_view>

#include <infiniband/verbs.h>

#include "bench/error.hpp"

namespace migbench::verbs {

/// "ibv_reg_mr of 64KiB: Cannot allocate memory; raise the limit of locked memory ...".
/// `what`: what the call was for, as it follows the call's name (" of 64KiB"); may be empty.
[[nodiscard]] Error call_error(std::string_view call, int number, std::string_view what = "");

/// The likely remedy for this call and errno; empty where there is no advice better than none.
[[nodiscard]] std::string remedy_for(std::string_view call, int number);

/// For calls that make an object and return null and errno.
template <class Object>
Object* made(Object* object, std::string_view call, std::string_view what = "") {
  if (object == nullptr) throw call_error(call, errno, what);
  return object;
}

/// For calls that return 0, or an error number, or -1 with errno (verbs do the first two, librdmacm
/// the last).
inline void check(int result, std::string_view call, std::string_view what = "") {
  if (result != 0) throw call_error(call, result > 0 ? result : errno, what);
}

/// "send to the peer failed: transport retry counter exceeded; the peer is gone or ...".
[[nodiscard]] Error completion_error(const ibv_wc& completion);
[[nodiscard]] std::string remedy_for(ibv_wc_status status);

}  // namespace migbench::verbs
