#include "pci/sysfs.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace sriov::pci {
namespace {

// struct linux_dirent64 (include/linux/dirent.h): ino, off, reclen, type, name. getdents64(2) says
// that user space must define it; glibc wraps the call only since 2.30, later than the oldest we
// run on.
constexpr size_t kReclenOffset = 16;
constexpr size_t kNameOffset = 19;

bool IsDotEntry(const char* name) {
  return name[0] == '.' && (name[1] == 0 || (name[1] == '.' && name[2] == 0));
}

}  // namespace

int SysfsDir::Open(const char* path) { return OpenFrom(AT_FDCWD, path); }

int SysfsDir::OpenAt(const SysfsDir& parent, const char* path) {
  return OpenFrom(parent.fd_.get(), path);
}

int SysfsDir::OpenFrom(int parent, const char* path) {
  Close();
  ++scratch_->calls;
  UniqueFd fd(openat(parent, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return errno;
  fd_ = std::move(fd);
  return 0;
}

void SysfsDir::Close() {
  if (!fd_.valid()) return;
  ++scratch_->calls;
  fd_ = UniqueFd();
}

int SysfsDir::Read(const char* name, std::string_view* text) const {
  ++scratch_->calls;
  const UniqueFd file(openat(fd_.get(), name, O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return errno;
  scratch_->calls += 2;  // This read and the close that UniqueFd owes.
  // One read is enough: kernfs hands out an attribute whole when the buffer has room for a page.
  ssize_t size = read(file.get(), scratch_->text, SysfsScratch::kTextSize);
  while (size < 0 && errno == EINTR) {
    ++scratch_->calls;
    size = read(file.get(), scratch_->text, SysfsScratch::kTextSize);
  }
  if (size < 0) return errno;
  size_t length = static_cast<size_t>(size);
  while (length > 0 && scratch_->text[length - 1] == '\n') --length;
  *text = std::string_view(scratch_->text, length);
  return 0;
}

int SysfsDir::ReadLink(const char* name, std::string_view* target) const {
  ++scratch_->calls;
  const ssize_t size = readlinkat(fd_.get(), name, scratch_->text, SysfsScratch::kTextSize);
  if (size < 0) return errno;
  // A full buffer may be a cut target; no path in sysfs is that long.
  if (static_cast<size_t>(size) == SysfsScratch::kTextSize) return ENAMETOOLONG;
  *target = std::string_view(scratch_->text, static_cast<size_t>(size));
  return 0;
}

int SysfsDir::List(std::vector<std::string>* names) const { return ListPrefixed({}, names); }

int SysfsDir::ListPrefixed(std::string_view prefix, std::vector<std::string>* names) const {
  for (;;) {
    ++scratch_->calls;
    const long size = syscall(SYS_getdents64, fd_.get(), scratch_->list, SysfsScratch::kListSize);
    if (size < 0) return errno;
    // Only an empty answer is the end: a signal cuts a list short (filldir64(), fs/readdir.c).
    if (size == 0) return 0;
    size_t at = 0;
    while (at + kNameOffset < static_cast<size_t>(size)) {
      uint16_t length = 0;
      std::memcpy(&length, scratch_->list + at + kReclenOffset, sizeof length);
      if (length <= kNameOffset || length > static_cast<size_t>(size) - at) return EIO;
      const char* name = scratch_->list + at + kNameOffset;
      const std::string_view view(name, strnlen(name, length - kNameOffset));
      if (!IsDotEntry(name) && view.substr(0, prefix.size()) == prefix) names->emplace_back(view);
      at += length;
    }
  }
}

std::string_view BaseName(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

bool ParseInt(std::string_view text, int64_t* value) {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > 18) return false;
  int64_t result = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return false;
    result = result * 10 + (c - '0');
  }
  *value = negative ? -result : result;
  return true;
}

}  // namespace sriov::pci
