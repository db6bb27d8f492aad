#include "pci/address.h"

#include "test.h"

using sriov::pci::AddressKey;
using sriov::pci::LastAddressIn;
using sriov::pci::ParseAddress;

TEST(pci_address_reads_the_kernels_spelling) {
  AddressKey key = 0;
  EXPECT_TRUE(ParseAddress("0000:03:10.1", &key));
  EXPECT_EQ(key, AddressKey{0x0381});
  EXPECT_TRUE(ParseAddress("10000:02:00.0", &key));
  EXPECT_EQ(key, AddressKey{0x100000200});
  EXPECT_TRUE(ParseAddress("ffffffff:ff:1f.7", &key));
  EXPECT_EQ(key, AddressKey{0xffffffffffff});
}

TEST(pci_address_refuses_anything_else) {
  for (const char* text :
       {"", "03:10.1", "000:03:10.1", "123456789:03:10.1", "0000:3:10.1", "0000:03:20.0",
        "0000:03:10.8", "0000:03:10x1", "0000-03:10.1", "0000:0g:10.1", "0000:03:10.1 ",
        " 000:03:10.1", "00A0:03:10.1", "pci0000:00", "0000:03:10.1:pcie001"}) {
    AddressKey key = 7;
    EXPECT_TRUE(!ParseAddress(text, &key));
    EXPECT_EQ(key, AddressKey{7});
  }
}

TEST(pci_address_last_in_a_path_is_the_owner) {
  AddressKey key = 0;
  EXPECT_EQ(LastAddressIn(
                "../../devices/pci0000:5d/0000:5d:05.5/pci10000:00/10000:01:00.0/net/eth0", &key),
            "10000:01:00.0");
  EXPECT_EQ(key, AddressKey{0x100000100});
  EXPECT_TRUE(LastAddressIn("../../devices/virtual/net/br0", &key).empty());
  EXPECT_TRUE(LastAddressIn("", &key).empty());
  EXPECT_TRUE(LastAddressIn("/", &key).empty());
  EXPECT_EQ(LastAddressIn("//0000:01:00.0//", &key), "0000:01:00.0");
}
