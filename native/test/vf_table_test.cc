// The table's layout, the settings of a row, spans of them, and their comparison.
#include "rtnl/vf_table.h"

#include "rtnl/span.h"
#include "test.h"
#include "vf_values.h"

namespace sriov {
namespace {

TEST(capacity_is_even_and_bytes_count_every_column) {
  EXPECT_EQ(EvenCapacity(0), 0u);
  EXPECT_EQ(EvenCapacity(1), 2u);
  EXPECT_EQ(EvenCapacity(2), 2u);
  EXPECT_EQ(EvenCapacity(1023), 1024u);
  EXPECT_EQ(TableBytes(0, true), 64u);
  EXPECT_EQ(TableBytes(2, false), 64u + 2 * (2 * 8 + 8 + 11 * 4));
  EXPECT_EQ(TableBytes(2, true), 64u + 2 * (10 * 8 + 8 + 11 * 4));
}

TEST(columns_do_not_overlap_and_stay_inside) {
  for (const bool stats : {false, true}) {
    VfRows rows(6, stats);
    VfTable& t = rows.table();
    std::vector<uint8_t*> starts = {reinterpret_cast<uint8_t*>(t.node_guid()),
                                    reinterpret_cast<uint8_t*>(t.port_guid())};
    std::vector<size_t> sizes = {6 * 8, 6 * 8};
    for (size_t i = 0; stats && i < kStatsCounters; ++i) {
      starts.push_back(reinterpret_cast<uint8_t*>(t.stats(i)));
      sizes.push_back(6 * 8);
    }
    starts.push_back(t.mac(0));
    sizes.push_back(6 * 8);
    for (size_t c = 0; c < kColumns; ++c) {
      starts.push_back(reinterpret_cast<uint8_t*>(t.column(static_cast<Column>(c))));
      sizes.push_back(6 * 4);
    }
    uint8_t* expected = rows.data() + kTableHeaderBytes;
    for (size_t i = 0; i < starts.size(); ++i) {
      EXPECT_TRUE(starts[i] == expected);
      expected += sizes[i];
    }
    EXPECT_TRUE(expected == rows.data() + TableBytes(6, stats));
  }
}

TEST(a_table_that_was_formatted_attaches_and_one_that_was_bent_does_not) {
  VfRows rows(4);
  rows.Add(0, kFieldTrust, Distinct(0));
  VfTable t;
  EXPECT_TRUE(t.Attach(rows.data(), rows.bytes()));
  EXPECT_EQ(t.rows(), 1u);
  EXPECT_TRUE(!VfTable().Attach(rows.data(), rows.bytes() - 1));
  EXPECT_TRUE(!VfTable().Attach(rows.data(), kTableHeaderBytes - 1));
  EXPECT_TRUE(!VfTable().Attach(rows.data(), 0));
  EXPECT_TRUE(!VfTable().Attach(rows.data() + 4, rows.bytes() - 4));
  const struct {
    size_t word;
    uint32_t value;
  } bends[] = {{0, 0}, {0, ~kTableMagic}, {1, 3}, {1, 6}, {1, 65538}, {1, 0xfffffffe}, {2, 5}, {2, 0xffffffff}, {5, 1}};
  for (const auto& bend : bends) {
    uint32_t* head = reinterpret_cast<uint32_t*>(rows.data());
    const uint32_t was = head[bend.word];
    head[bend.word] = bend.value;
    EXPECT_TRUE(!VfTable().Attach(rows.data(), rows.bytes()));
    head[bend.word] = was;
  }
  EXPECT_TRUE(VfTable().Attach(rows.data(), rows.bytes()));
}

TEST(fields_and_settings_match_in_both_directions) {
  for (uint32_t mask = 0; mask < 1u << 11; ++mask) {
    Settings expected = 0;
    for (uint32_t s = 0; s < kSettings; ++s) {
      if ((mask & kFieldsOfSetting[s]) != 0) expected |= Bit(s);
    }
    if (SettingsOfFields(mask) != expected) EXPECT_EQ(SettingsOfFields(mask), expected);
  }
}

TEST(a_span_covers_each_setting_between_its_ends_once) {
  const Wanted wanted = {0x1ff, 0, 0x101, 0x010, 0x1ff};
  for (Position begin = 0; begin <= At(5, 0); ++begin) {
    for (Position end = 0; end <= At(5, 0); ++end) {
      for (const Settings filter : {kAllSettings, Settings{0x101}, Settings{0}}) {
        const Span span{begin, end, filter};
        std::vector<Position> expected;
        for (Position at = begin; at < end; ++at) {
          if (SettingOf(at) < kSettings && (wanted[RowOf(at)] & filter & Bit(SettingOf(at))) != 0) {
            expected.push_back(at);
          }
        }
        std::vector<Position> got;
        ForEachSetting(wanted, span, [&](Position at) {
          got.push_back(at);
          return true;
        });
        if (got != expected) EXPECT_EQ(got.size(), expected.size());
        EXPECT_TRUE(got == expected && CountSettings(wanted, span) == expected.size());
      }
    }
  }
}

TEST(each_setting_compares_by_its_own_cells_alone) {
  for (uint32_t s = 0; s < kSettings; ++s) {
    const VfValues base = Distinct(3);
    VfValues other = Distinct(400);
    VfRows want(2);
    want.Add(3, kEverySettableField, base);
    VfRows same(2);
    VfValues all_but_s = other;
    CopyFields(&all_but_s, base, kFieldsOfSetting[s]);
    all_but_s.spoof_check = s == kSetSpoofCheck ? 1 : 0;
    all_but_s.rss_query = s == kSetRssQuery ? 1 : 0;
    all_but_s.trust = s == kSetTrust ? 1 : 0;
    same.Add(3, kEverySettableField, all_but_s);
    for (uint32_t t = 0; t < kSettings; ++t) {
      const bool equal = (DifferentFields(base, all_but_s) & kFieldsOfSetting[t]) == 0;
      EXPECT_TRUE(Compare(want.table(), 0, same.table(), 0, t) ==
                  (equal ? Match::kEqual : Match::kDifferent));
    }
    EXPECT_TRUE(Compare(want.table(), 0, same.table(), 0, s) == Match::kEqual);
    VfRows silent(2);
    silent.Add(3, kEverySettableField & ~kFieldsOfSetting[s], base);
    EXPECT_TRUE(Compare(want.table(), 0, silent.table(), 0, s) == Match::kUnknown);
  }
}

TEST(a_protocol_counts_only_where_there_is_a_vlan_and_0_stands_for_802_1q) {
  const auto match = [](uint32_t id, uint32_t qos, uint32_t want_proto, uint32_t have_proto) {
    VfValues w;
    w.vlan_id = id;
    w.vlan_qos = qos;
    w.vlan_proto = want_proto;
    VfValues h = w;
    h.vlan_proto = have_proto;
    VfRows want(2);
    VfRows have(2);
    want.Add(0, kFieldVlan, w);
    have.Add(0, kFieldVlan, h);
    return Compare(want.table(), 0, have.table(), 0, kSetVlan) == Match::kEqual;
  };
  EXPECT_TRUE(match(0, 0, 0x8100, 0x88a8));
  EXPECT_TRUE(match(5, 0, 0x8100, 0));
  EXPECT_TRUE(match(5, 0, 0, 0x8100));
  EXPECT_TRUE(!match(5, 0, 0x8100, 0x88a8));
  EXPECT_TRUE(!match(0, 3, 0x8100, 0x88a8));  // a priority tag has one
}

TEST(one_limit_alone_is_compared_alone) {
  VfValues h;
  h.rate_min = 5;
  h.rate_max = 9;
  VfRows have(2);
  have.Add(0, kFieldRateMin | kFieldRateMax, h);
  VfRows minimum(2);
  VfRows maximum(2);
  minimum.Add(0, kFieldRateMin, h);
  maximum.Add(0, kFieldRateMax, h);
  EXPECT_TRUE(Compare(minimum.table(), 0, have.table(), 0, kSetRate) == Match::kEqual);
  EXPECT_TRUE(Compare(maximum.table(), 0, have.table(), 0, kSetRate) == Match::kEqual);
}

}  // namespace
}  // namespace sriov
