#include "harness/migration/criu/address.hpp"

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench::criu {
namespace {

constexpr const char* kOwnNetwork = "/proc/self/ns/net";
constexpr int kWhole = 32;

}  // namespace

MovingAddress::MovingAddress(std::string address, std::string link)
    : address_(std::move(address)),
      link_(std::move(link)),
      net_(open_or_throw(kOwnNetwork, O_RDONLY).get()),
      announcer_(open_or_throw(kOwnNetwork, O_RDONLY).get(), link_, net_.mac(link_), address_) {}

MovingAddress::~MovingAddress() {
  try {
    if (lent_) net_.remove_address("lo", address_, kWhole);
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());  // it goes with the node
  }
}

void MovingAddress::lend() {
  net_.add_address("lo", address_, kWhole);
  lent_ = true;
}

void MovingAddress::arrive() {
  net_.add_address(link_, address_, kWhole);
  announcer_.announce();
}

void MovingAddress::leave() {
  net_.remove_address(link_, address_, kWhole);
}

}  // namespace migbench::criu
