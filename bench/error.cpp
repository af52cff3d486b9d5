#include "bench/error.hpp"

#include <cerrno>
#include <system_error>

namespace migbench {

Error system_error(const std::string& tried, const std::string& remedy) {
  const int number = errno;
  std::string text = tried + ": " + std::generic_category().message(number);
  if (!remedy.empty()) text += "; " + remedy;
  return Error{text};
}

}  // namespace migbench
