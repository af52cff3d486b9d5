// Files, names made from their content, and the cache that holds what is made from them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace migbench::guest {

/// The whole file. Throws Error.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// A name for this content: the start of its SHA-256. The same content has the same name
/// everywhere.
[[nodiscard]] std::string content_id(std::string_view content);

/// Where things that can be made again are kept: $MIGBENCH_CACHE, else $XDG_CACHE_HOME/migbench,
/// else $HOME/.cache/migbench, else /var/cache/migbench.
[[nodiscard]] std::filesystem::path cache_directory();

/// The file `name` of the cache; where it does not exist yet, `make` writes it to the path it is
/// given, which is renamed when it is whole: two processes can do it at the same time.
[[nodiscard]] std::filesystem::path cached(
    const std::string& name, const std::function<void(const std::filesystem::path&)>& make);

}  // namespace migbench::guest
