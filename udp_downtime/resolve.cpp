#include "udp_downtime/resolve.hpp"

#include <cstring>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>

#include "bench/error.hpp"

namespace migbench::udp {

Endpoint resolve(const std::string& host, std::uint16_t port) {
  const bool numeric = host.find(':') != std::string::npos ||
                       host.find_first_not_of("0123456789.") == std::string::npos;
  if (numeric) return numeric_endpoint(host, port);
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int status = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (status != 0)
    throw InputError(fmt::format("there is no address for '{}': {}", host, ::gai_strerror(status)));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, &::freeaddrinfo);
  Endpoint endpoint;
  std::memcpy(&endpoint.address, list->ai_addr, list->ai_addrlen);
  endpoint.size = list->ai_addrlen;
  return endpoint;
}

}  // namespace migbench::udp
