"""The proof behind `reality prove`: two worlds that differ in what somebody may not see must look alike to them."""
