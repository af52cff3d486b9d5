// What can be added to migbench by one file: environments, techniques, workloads, sites, report
// formats.
//
// Each kind has one registry; a file adds itself with one line at its end:
//     MIGBENCH_REGISTER(Environment, Native);
// Every Kind has `std::string_view name() const` and `std::string_view summary() const`.
#pragma once

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "bench/error.hpp"

namespace migbench {

template <class Kind>
class Registry {
 public:
  static Registry& instance() {
    static Registry registry;
    return registry;
  }

  void add(std::unique_ptr<Kind> item) {
    const std::string name(item->name());
    if (!items_.emplace(name, std::move(item)).second) {
      throw std::logic_error(fmt::format("'{}' is registered twice", name));
    }
  }

  /// nullptr where there is none of that name.
  [[nodiscard]] const Kind* find(std::string_view name) const {
    const auto found = items_.find(name);
    return found == items_.end() ? nullptr : found->second.get();
  }

  /// Throws InputError that lists the names there are. `kind`: "environment", "technique" ...
  [[nodiscard]] const Kind& at(std::string_view name, std::string_view kind) const {
    if (const Kind* found = find(name)) return *found;
    std::string known;
    for (const auto& entry : items_)
      known += (known.empty() ? "" : ", ") + entry.first;
    throw InputError(fmt::format("there is no {} '{}'; known are: {}", kind, name, known));
  }

  /// Sorted by name.
  [[nodiscard]] std::vector<const Kind*> all() const {
    std::vector<const Kind*> list;
    for (const auto& entry : items_)
      list.push_back(entry.second.get());
    return list;
  }

 private:
  std::map<std::string, std::unique_ptr<Kind>, std::less<>> items_;
};

template <class Kind, class Type>
struct Registration {
  Registration() { Registry<Kind>::instance().add(std::make_unique<Type>()); }
};

}  // namespace migbench

#define MIGBENCH_REGISTER(Kind, Type) \
  static const ::migbench::Registration<Kind, Type> registration_of_##Type {}
