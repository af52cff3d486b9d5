// The thread that libvirt delivers events and keep-alive messages in.
#pragma once

namespace migbench::libvirt {

/// Starts it once in a process; it ends with the process. Must come before the first connection, so
/// Connection does it. Errors are not printed to standard error from then on, but thrown.
void start_event_loop();

}  // namespace migbench::libvirt
