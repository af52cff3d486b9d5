// Connecting by librdmacm. The client learns the server's port over the control connection, so no
// second port has to be agreed on beforehand.
#pragma once

#include "bench/verbs/connected.hpp"

namespace migbench::verbs {

class CmMeeting {
 public:
  /// What it makes is kept in `parts`, which must outlive the endpoint.
  CmMeeting(CmParts& parts, Control& control, const Settings& settings);

  /// Server: listens on the address at which the client came, and tells the client.
  [[nodiscard]] Port listen(const DeviceChoice& choice);
  /// Client: finds the device that leads to the server.
  [[nodiscard]] Port resolve(const DeviceChoice& choice);
  /// One queue pair each; both sides call them in turn.
  void accept(Endpoint& endpoint);
  void connect(Endpoint& endpoint);

 private:
  CmId new_id();
  void lead_to_server(CmId& id);
  /// The next event, which must be this one; the id that it is about.
  rdma_cm_id* await(rdma_cm_event_type type, const char* doing);
  [[nodiscard]] rdma_conn_param parameters(const Endpoint& endpoint) const;

  CmParts& parts_;
  Control& control_;
  const Settings& settings_;
  SocketAddress server_{};
  bool first_used_ = false;
};

}  // namespace migbench::verbs
