// Reads of sysfs relative to an open directory, each of them counted.
//
// Owns the system calls of the enumeration: nothing else in native/pci makes any. A directory is
// opened once and all of a device is read through it: paths through /sys/bus/pci/devices follow a
// symbolic link for which kernfs leaves the fast path lookup (kernfs_iop_get_link(),
// fs/kernfs/symlink.c), and what is read through one descriptor is of one incarnation of the
// device, never half of its successor.
//
// Not opendir()/fopen(): they add fstat, and malloc, to each use. Used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/unique_fd.h"

namespace sriov::pci {

// What reads need and share: a buffer of one page, which no sysfs attribute exceeds (sysfs_emit(),
// fs/sysfs/file.c), one for directories, and the number of system calls so far.
struct SysfsScratch {
  static constexpr size_t kTextSize = 4096;
  static constexpr size_t kListSize = 32768;
  char text[kTextSize];
  alignas(8) char list[kListSize];
  uint64_t calls = 0;
};

class SysfsDir {
 public:
  explicit SysfsDir(SysfsScratch* scratch) : scratch_(scratch) {}
  ~SysfsDir() { Close(); }
  SysfsDir(const SysfsDir&) = delete;
  SysfsDir& operator=(const SysfsDir&) = delete;

  // 0 or errno. `path` may have several components.
  [[nodiscard]] int Open(const char* path);
  [[nodiscard]] int OpenAt(const SysfsDir& parent, const char* path);
  void Close();

  // Sets *text to the attribute without its trailing newline: valid until the next read. 0 or
  // errno.
  [[nodiscard]] int Read(const char* name, std::string_view* text) const;
  // Sets *target to what the symbolic link says: valid until the next read. 0 or errno.
  [[nodiscard]] int ReadLink(const char* name, std::string_view* target) const;
  // Appends the names in the directory, without . and .., in no order. 0 or errno.
  [[nodiscard]] int List(std::vector<std::string>* names) const;
  // As List(), only names that start with `prefix`, so that a long directory costs no memory.
  [[nodiscard]] int ListPrefixed(std::string_view prefix, std::vector<std::string>* names) const;

 private:
  [[nodiscard]] int OpenFrom(int parent, const char* path);

  SysfsScratch* scratch_;
  UniqueFd fd_;
};

// The part of `path` after its last slash.
std::string_view BaseName(std::string_view path);

// Decimal number with an optional minus sign, nothing before or after it.
[[nodiscard]] bool ParseInt(std::string_view text, int64_t* value);

}  // namespace sriov::pci
