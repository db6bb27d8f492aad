// A sysfs tree in a temporary folder for the tests of native/pci. Owns the folder; removes it at
// the end. Only what the test at hand needs is in it: the full likeness of sysfs is
// test/unit/pci/fake-sysfs.mjs.
#pragma once

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

class PciTree {
 public:
  PciTree() {
    char path[] = "/tmp/sriov-pci-XXXXXX";
    root_ = mkdtemp(path) == nullptr ? "" : path;
    Folder("bus/pci/devices");
    Folder("class/net");
  }
  ~PciTree() { nftw(root_.c_str(), Remove, 16, FTW_DEPTH | FTW_PHYS); }
  PciTree(const PciTree&) = delete;
  PciTree& operator=(const PciTree&) = delete;

  const char* root() const { return root_.c_str(); }

  void Folder(const std::string& below) const {
    for (size_t at = 0; at != std::string::npos;) {
      at = below.find('/', at + 1);
      mkdir((root_ + "/" + below.substr(0, at)).c_str(), 0755);
    }
  }
  void Write(const std::string& below, const std::string& text) const {
    FILE* file = fopen((root_ + "/" + below).c_str(), "w");
    if (file == nullptr) abort();
    fwrite(text.data(), 1, text.size(), file);
    fclose(file);
  }
  void Link(const std::string& below, const std::string& target) const {
    if (symlink(target.c_str(), (root_ + "/" + below).c_str()) != 0) abort();
  }

  // A function of an ice NIC, as a folder of bus/pci/devices rather than a link to one.
  std::string Function(const std::string& address) const {
    const std::string folder = "bus/pci/devices/" + address;
    Folder(folder);
    Write(folder + "/uevent",
          "DRIVER=ice\nPCI_CLASS=20000\nPCI_ID=8086:1592\nPCI_SUBSYS_ID=8086:0002\n");
    Write(folder + "/numa_node", "-1\n");
    return folder;
  }

 private:
  static int Remove(const char* path, const struct stat*, int, FTW*) { return remove(path); }
  std::string root_;
};
