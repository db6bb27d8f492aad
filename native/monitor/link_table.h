// The links of one network namespace, and which of them changed since somebody last asked.
//
// Owns coalescing: however many notifications arrive, there is one entry for each link that is there, and one
// for each that is gone and of which the reader has not been told. Never touches a socket. Not locked: link_source.h
// does that.
#pragma once

#include <memory>
#include <vector>

#include "monitor/link.h"

namespace sriov {

// What became of a link since the last Take.
struct LinkChange {
  Link link;               // as it is, or as it last was
  bool present = false;
  bool recreated = false;  // it was gone meanwhile: this is another one with the same ifindex
  bool touched = false;    // the kernel announced it; maybe nothing in `link` is different
  // Notifications that are behind this; 0: a dump showed it. Of a link without a device those alone that changed it.
  uint32_t announcements = 0;
};

class LinkTable {
 public:
  // The link is so: from a notification, or from a dump, which is no announcement.
  void Put(Link link, bool from_dump);
  // The kernel announced the link without its whole state.
  void Touch(uint32_t ifindex);
  void Remove(uint32_t ifindex);

  // Between the two every link of a dump is Put; what was not is gone, unless the dump was `incomplete`.
  void BeginDump();
  void EndDump(bool incomplete);

  // The link if it is there, else nullptr.
  const Link* Find(uint32_t ifindex) const;

  bool has_changes() const { return !changed_.empty(); }
  std::vector<LinkChange> Take();
  size_t size() const { return entries_.size(); }  // with those that are gone and not yet told

 private:
  struct Entry {
    Link link;
    bool present = false;
    bool told = false;  // the reader knows it
    bool changed = false;
    bool recreated = false;
    bool touched = false;
    uint32_t announcements = 0;  // since the reader was told
    bool listed = false;  // in changed_
    uint32_t dump = 0;    // in which it was seen last
  };
  using Entries = std::vector<std::unique_ptr<Entry>>;

  Entries::iterator Lookup(uint32_t ifindex);
  void List(Entry* entry);
  void Drop(Entry* entry);
  void Erase(uint32_t ifindex);

  Entries entries_;                // by ifindex
  std::vector<uint32_t> changed_;  // ifindexes, each once, in the order in which they changed first
  uint32_t dump_ = 0;
};

}  // namespace sriov
