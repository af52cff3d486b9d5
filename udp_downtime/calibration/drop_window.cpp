#include "udp_downtime/calibration/drop_window.hpp"

#include <array>
#include <atomic>
#include <cstddef>

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bench/error.hpp"

namespace migbench::udp {

// The value of the map's only entry, mapped into this process as well.
struct DropWindow::Shared {
  std::atomic<std::int64_t> start_ns;
  std::atomic<std::int64_t> end_ns;
  std::atomic<std::uint64_t> dropped;
};

namespace {

// linux/bpf.h of Linux 6.6; older headers do not name it.
constexpr std::uint32_t kTcxEgress = 47;
constexpr std::size_t kPage = 4096;

int bpf(bpf_cmd command, bpf_attr& attributes) noexcept {
  return static_cast<int>(::syscall(SYS_bpf, command, &attributes, sizeof attributes));
}

bpf_insn instruction(int code, int destination, int source, int offset, std::int32_t immediate) {
  bpf_insn made{};
  made.code = static_cast<__u8>(code);
  made.dst_reg = static_cast<__u8>(destination & 0xF);
  made.src_reg = static_cast<__u8>(source & 0xF);
  made.off = static_cast<__s16>(offset);
  made.imm = immediate;
  return made;
}

// What a program returns for a packet to go on or to vanish.
struct Verdicts {
  std::int32_t pass;
  std::int32_t drop;
};
constexpr Verdicts kTcxVerdicts{.pass = -1 /* TCX_NEXT */, .drop = 2 /* TCX_DROP */};
constexpr Verdicts kSocketVerdicts{.pass = 0xFFFF /* bytes to keep */, .drop = 0};

using Program = std::array<bpf_insn, 15>;

// if IPv4 and start <= ktime < end: count it and drop it. ARP passes, so that no neighbour is lost.
// NOLINTBEGIN(misc-redundant-expression): several parts of an opcode are 0 and so the same.
Program drop_program(int map, const Verdicts& verdicts) {
  const auto protocol = static_cast<int>(offsetof(__sk_buff, protocol));
  return {
      instruction(BPF_LDX | BPF_MEM | BPF_W, 2, 1, protocol, 0),
      instruction(BPF_JMP | BPF_JNE | BPF_K, 2, 0, 11, htons(ETH_P_IP)),  // to pass
      instruction(BPF_LD | BPF_DW | BPF_IMM, 7, BPF_PSEUDO_MAP_VALUE, 0, map),
      instruction(0, 0, 0, 0, 0),  // upper half: offset 0 in the value
      instruction(BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_ktime_get_ns),
      instruction(BPF_LDX | BPF_MEM | BPF_DW, 1, 7, 0, 0),
      instruction(BPF_JMP | BPF_JLT | BPF_X, 0, 1, 6, 0),  // to pass
      instruction(BPF_LDX | BPF_MEM | BPF_DW, 1, 7, 8, 0),
      instruction(BPF_JMP | BPF_JGE | BPF_X, 0, 1, 4, 0),  // to pass
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, 1, 0, 0, 1),
      instruction(BPF_STX | BPF_ATOMIC | BPF_DW, 7, 1, 16, BPF_ADD),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, verdicts.drop),
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
      instruction(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, verdicts.pass),  // pass
      instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
  };
}
// NOLINTEND(misc-redundant-expression)

std::uint64_t pointer(const void* memory) noexcept {
  return reinterpret_cast<std::uint64_t>(memory);
}

Descriptor make_map(std::uint32_t value_size) {
  bpf_attr attributes{};
  attributes.map_type = BPF_MAP_TYPE_ARRAY;
  attributes.key_size = sizeof(std::uint32_t);
  attributes.value_size = value_size;
  attributes.max_entries = 1;
  attributes.map_flags = BPF_F_MMAPABLE;
  Descriptor map(bpf(BPF_MAP_CREATE, attributes));
  if (!map.valid())
    throw system_error("cannot make an eBPF map", "calibration by dropped packets needs CAP_BPF");
  return map;
}

Descriptor load(bpf_prog_type type, const Program& instructions) {
  bpf_attr attributes{};
  attributes.prog_type = type;
  attributes.insns = pointer(instructions.data());
  attributes.insn_cnt = static_cast<__u32>(instructions.size());
  attributes.license = pointer("GPL");
  return Descriptor(bpf(BPF_PROG_LOAD, attributes));
}

Descriptor attach_to_egress(const Descriptor& program, int interface) {
  bpf_attr attributes{};
  attributes.link_create.prog_fd = static_cast<__u32>(program.get());
  attributes.link_create.target_fd = static_cast<__u32>(interface);
  attributes.link_create.attach_type = kTcxEgress;
  return Descriptor(bpf(BPF_LINK_CREATE, attributes));
}

}  // namespace

DropWindow::DropWindow(int interface, int server_socket) : map_(make_map(sizeof(Shared))) {
  program_ = load(BPF_PROG_TYPE_SCHED_CLS, drop_program(map_.get(), kTcxVerdicts));
  if (program_.valid()) link_ = attach_to_egress(program_, interface);
  if (link_.valid()) {
    method_ = "ebpf-tcx-egress";
  } else {
    program_ = load(BPF_PROG_TYPE_SOCKET_FILTER, drop_program(map_.get(), kSocketVerdicts));
    const int program = program_.get();
    if (!program_.valid() ||
        ::setsockopt(server_socket, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof program) != 0)
      throw system_error("cannot attach an eBPF program",
                         "calibration by dropped packets needs CAP_BPF and CAP_NET_ADMIN");
    method_ = "ebpf-socket-filter";
  }
  void* memory = ::mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED, map_.get(), 0);
  if (memory == MAP_FAILED) throw system_error("cannot map the eBPF window");
  shared_ = static_cast<Shared*>(memory);
}

DropWindow::~DropWindow() {
  ::munmap(shared_, kPage);
}

void DropWindow::set(std::int64_t start_ns, std::int64_t end_ns) noexcept {
  // The end first, and no window in between: the program may look at any time.
  shared_->start_ns = INT64_MAX;
  shared_->end_ns = end_ns;
  shared_->start_ns = start_ns;
}

std::uint64_t DropWindow::dropped() const noexcept {
  return shared_->dropped;
}

}  // namespace migbench::udp
