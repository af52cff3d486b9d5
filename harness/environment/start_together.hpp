// Instances that start side by side: libvirt and QEMU take seconds for each, on an emulated host
// ten.
#pragma once

#include <future>
#include <memory>
#include <vector>

#include "harness/environment/environment.hpp"

namespace migbench {

/// `start(request)` starts one and waits until it is up; it is called in a thread for each request.
/// Where one fails the others are ended, and its Error is thrown.
template <class Start>
std::vector<std::unique_ptr<Instance>> start_together(const std::vector<InstanceRequest>& requests,
                                                      const Start& start) {
  std::vector<std::future<std::unique_ptr<Instance>>> started;
  started.reserve(requests.size());
  for (const InstanceRequest& request : requests)
    started.push_back(
        std::async(std::launch::async, [&start, &request] { return start(request); }));
  std::vector<std::unique_ptr<Instance>> instances;
  for (auto& one : started)
    instances.push_back(one.get());
  return instances;
}

}  // namespace migbench
