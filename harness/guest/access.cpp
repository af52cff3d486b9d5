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

Command client(const Access& access, std::vector<std::string> arguments) {
  Command command{{find_program("migbench-guest-exec").string(), "--at", access.at}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return access.via != nullptr ? access.via->enter(command) : command;
}

SshTarget target_of(const Access& access) {
  SshTarget target{access.at};
  std::istringstream options(access.ssh_options);
  for (std::string option; options >> option;)
    target.options.push_back(option);
  target.via = access.via;
  return target;
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
  if (access.way == Access::Way::ssh) return ssh_command(target_of(access), command);
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

std::vector<std::string> words_before(const Access& access) {
  if (access.way == Access::Way::agent)
    return {find_program("migbench-guest-exec").string(), "--at", access.at, "--"};
  // ssh hands one text to the guest's shell: each word has to be quoted for it.
  const std::string quote =
      R"(q=; for w; do q="$q '$(printf %s "$w" | sed "s/'/'\\\\''/g")'"; done; )";
  const Command ssh{ssh_words(target_of(access)), {}, {}};
  return {"/bin/sh", "-c",
          fmt::format("{}exec {} {} \"$q\"", quote, shell_quote(ssh), shell_quote({{access.at}})),
          "sh"};
}

void wait_until_ready(const Access& access, Nanoseconds deadline) {
  if (access.way == Access::Way::agent) {
    const auto seconds = fmt::format("{}ms", deadline.count() / 1'000'000);
    expect(client(access, {"--wait", seconds, "--ping"}), deadline + std::chrono::seconds(2));
    return;
  }
  const std::int64_t end = deadline_now_ns() + deadline.count();
  for (;;) {
    const Finished finished =
        run(ssh_command(target_of(access), {{"true"}}), std::chrono::seconds(10));
    if (finished.ok()) return;
    if (deadline_now_ns() > end) throw Error(describe(finished));
  }
}

void copy_to(const Access& access, const fs::path& here, const fs::path& there) {
  if (access.way == Access::Way::ssh) {
    ssh_put(target_of(access), here, there);
    return;
  }
  for (const auto& [file, relative] : files_of(here)) {
    const fs::path target = relative.empty() ? there : there / relative;
    expect(client(access, {"--put", file.string(), target.string()}), kCopyDeadline);
  }
}

void copy_from(const Access& access, const fs::path& there, const fs::path& here) {
  if (access.way == Access::Way::ssh) {
    ssh_get(target_of(access), there, here);
    return;
  }
  fs::create_directories(here.parent_path());
  expect(client(access, {"--get", there.string(), here.string()}), kCopyDeadline);
}

}  // namespace migbench::guest
