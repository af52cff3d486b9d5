// Where each value of a JSON text stands, for messages that name the line.
#pragma once

#include <map>
#include <string>

namespace migbench {

/// JSON Pointer -> line, from 1, of the value (of its key, in an object). A text with comments may
/// be given; one that is no JSON gives what was found before the mistake. Throws InputError for a
/// key that stands twice in an object, which JSON parsers silently let the last one win.
[[nodiscard]] std::map<std::string, int> source_lines(const std::string& text,
                                                      const std::string& origin);

}  // namespace migbench
