#include "harness/guest/access.hpp"

#include <sstream>

#include <fmt/format.h>

#include "bench/clock.hpp"
#include "bench/error.hpp"
#include "harness/programs.hpp"
#include "harness/site/ssh/ssh_target.hpp"

namespace migbench::guest {

namespace fs = std::filesystem;

namespace {

constexpr Nanoseconds kCopyDeadline = std::chrono::seconds(120);

Command from(const Access& access, Command command) {
  return access.via != nullptr ? access.via->enter(command) : command;
}

Command client(const Access& access, std::vector<std::string> arguments) {
  Command command{{find_program("migbench-guest-exec").string(), "--at", access.at}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return from(access, command);
}

SshTarget target_of(const Access& access) {
  SshTarget target{access.at};
  std::istringstream options(access.ssh_options);
  for (std::string option; options >> option;)
    target.options.push_back(option);
  return target;
}

/// `remote`: words for the guest's shell.
Command ssh(const Access& access, const std::string& remote) {
  Command command{ssh_words(target_of(access)), {}, {}};
  command.argv.insert(command.argv.end(), {access.at, remote});
  return from(access, command);
}

void expect(const Command& command, Nanoseconds deadline) {
  const Finished finished = run(command, deadline);
  if (!finished.ok()) throw Error(describe(finished));
}

/// Files of a tree, each with its path relative to it; the file itself where it is no directory.
std::vector<std::pair<fs::path, fs::path>> files_of(const fs::path& tree) {
  if (!fs::is_directory(tree)) return {{tree, {}}};
  std::vector<std::pair<fs::path, fs::path>> files;
  for (const auto& entry : fs::recursive_directory_iterator(tree)) {
    if (entry.is_regular_file()) files.emplace_back(entry.path(), fs::relative(entry.path(), tree));
  }
  return files;
}

}  // namespace

Command enter(const Access& access, const Command& command) {
  if (access.way == Access::Way::ssh) {
    return from(access, ssh_command(target_of(access), command));
  }
  std::vector<std::string> arguments;
  for (const auto& [name, value] : command.env) {
    arguments.insert(arguments.end(), {"--env", name + "=" + value});
  }
  if (!command.directory.empty())
    arguments.insert(arguments.end(), {"--directory", command.directory.string()});
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), command.argv.begin(), command.argv.end());
  return client(access, arguments);
}

void wait_until_ready(const Access& access, Nanoseconds deadline) {
  if (access.way == Access::Way::agent) {
    const auto seconds = fmt::format("{}ms", deadline.count() / 1'000'000);
    expect(client(access, {"--wait", seconds, "--ping"}), deadline + std::chrono::seconds(2));
    return;
  }
  const std::int64_t end = deadline_now_ns() + deadline.count();
  for (;;) {
    const Finished finished = run(ssh(access, "true"), std::chrono::seconds(10));
    if (finished.ok()) return;
    if (deadline_now_ns() > end) throw Error(describe(finished));
  }
}

void copy_to(const Access& access, const fs::path& here, const fs::path& there) {
  if (access.way == Access::Way::ssh) {
    ProcessOptions options;
    const std::string target = shell_quote({{there.string()}});
    const Finished archive = run({{"tar", "-C", here.string(), "-cf", "-", "."}}, kCopyDeadline);
    if (!archive.ok()) throw Error(describe(archive));
    options.input = archive.out;
    const Finished unpacked =
        run(ssh(access, fmt::format("mkdir -p {0} && tar -C {0} -xf -", target)), kCopyDeadline,
            options);
    if (!unpacked.ok()) throw Error(describe(unpacked));
    return;
  }
  for (const auto& [file, relative] : files_of(here)) {
    const fs::path target = relative.empty() ? there : there / relative;
    expect(client(access, {"--put", file.string(), target.string()}), kCopyDeadline);
  }
}

void copy_from(const Access& access, const fs::path& there, const fs::path& here) {
  if (access.way == Access::Way::ssh) {
    const Finished archive =
        run(ssh(access, fmt::format("tar -C {} -cf - .", shell_quote({{there.string()}}))),
            kCopyDeadline);
    if (!archive.ok()) throw Error(describe(archive));
    ProcessOptions options;
    options.input = archive.out;
    fs::create_directories(here);
    const Finished unpacked =
        run({{"tar", "-C", here.string(), "-xf", "-"}}, kCopyDeadline, options);
    if (!unpacked.ok()) throw Error(describe(unpacked));
    return;
  }
  fs::create_directories(here.parent_path());
  expect(client(access, {"--get", there.string(), here.string()}), kCopyDeadline);
}

}  // namespace migbench::guest
