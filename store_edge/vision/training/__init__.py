"""How the shipped model of loose produce is made. Needs the extra `train` (torch); the shop does not."""
