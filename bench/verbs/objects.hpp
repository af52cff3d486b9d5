// Owners of what libibverbs and librdmacm hand out: each is destroyed by its own call, in the
// reverse order of their making.
#pragma once

#include <memory>

#include <infiniband/verbs.h>
#include <rdma/rdma_cma.h>

namespace migbench::verbs {

template <auto Destroy>
struct DestroyedBy {
  template <class Object>
  void operator()(Object* object) const noexcept {
    Destroy(object);
  }
};

using DeviceList = std::unique_ptr<ibv_device*, DestroyedBy<::ibv_free_device_list>>;
using Context = std::unique_ptr<ibv_context, DestroyedBy<::ibv_close_device>>;
using ProtectionDomain = std::unique_ptr<ibv_pd, DestroyedBy<::ibv_dealloc_pd>>;
using CompletionChannel =
    std::unique_ptr<ibv_comp_channel, DestroyedBy<::ibv_destroy_comp_channel>>;
using CompletionQueueHandle = std::unique_ptr<ibv_cq, DestroyedBy<::ibv_destroy_cq>>;
using MemoryRegion = std::unique_ptr<ibv_mr, DestroyedBy<::ibv_dereg_mr>>;
using SharedReceiveQueue = std::unique_ptr<ibv_srq, DestroyedBy<::ibv_destroy_srq>>;
using QueuePair = std::unique_ptr<ibv_qp, DestroyedBy<::ibv_destroy_qp>>;
using AddressHandle = std::unique_ptr<ibv_ah, DestroyedBy<::ibv_destroy_ah>>;

using CmChannel = std::unique_ptr<rdma_event_channel, DestroyedBy<::rdma_destroy_event_channel>>;

/// A connection of librdmacm, with the queue pair that was made on it.
struct CmIdDestroyer {
  void operator()(rdma_cm_id* id) const noexcept {
    if (id->qp != nullptr) ::rdma_destroy_qp(id);
    ::rdma_destroy_id(id);
  }
};
using CmId = std::unique_ptr<rdma_cm_id, CmIdDestroyer>;

}  // namespace migbench::verbs
