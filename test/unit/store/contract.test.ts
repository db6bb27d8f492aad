import { storeContract } from './contract.ts';
import { makeLmdbStore } from './directory.ts';

storeContract('the LMDB store', makeLmdbStore);
