/*
 * The toy in Promela, written apart from both its model and its machine: two jobs, two colours, two generations. SPIN counts
 * its states and transitions, and the explorer must come to the same (src/engine/explore/spin.test.ts).
 * 0 is nothing, 1 red, 2 green. What is ahead of the pointer is forgotten.
 */
byte generation[4] = 1; /* of job j in generation g: 2 * g + j */
byte pointer = 0;
byte file[2] = 1;
byte running[2] = 1;
byte mounts[2] = 0;

#define declared(j) generation[2 * pointer + j]

inline activate(j) {
  if
  :: declared(j) == 0 -> file[j] = 0; running[j] = 0; mounts[j] = 0
  :: else ->
     if
     :: file[j] == 0 || running[j] != 0 -> running[j] = declared(j)
     :: else
     fi;
     file[j] = declared(j)
  fi
}

inline install(j, colour) {
  generation[2] = generation[0];
  generation[3] = generation[1];
  generation[2 + j] = colour;
  pointer = 1;
  activate(0);
  activate(1)
}

#define job(j) \
  :: d_step { pointer == 0 && declared(j) == 0 -> install(j, 1); skip } /* add */ \
  :: d_step { pointer == 0 && declared(j) != 0 -> install(j, 0); skip } /* drop */ \
  :: d_step { pointer == 0 && declared(j) == 1 -> install(j, 2); skip } /* paint */ \
  :: d_step { pointer == 0 && declared(j) == 2 -> install(j, 1); skip } \
  :: d_step { declared(j) != 0 && file[j] != 1 -> file[j] = 1 } /* edit */ \
  :: d_step { declared(j) != 0 && file[j] != 2 -> file[j] = 2 } \
  :: d_step { declared(j) != 0 && file[j] != 0 -> file[j] = 0 } /* unlink */ \
  :: d_step { declared(j) != 0 && running[j] == 0 -> if :: file[j] != 0 -> running[j] = file[j] :: else fi; skip } /* start */ \
  :: d_step { declared(j) != 0 -> if :: file[j] != 0 -> running[j] = file[j] :: else fi; skip } /* restart */ \
  :: d_step { declared(j) != 0 && running[j] != 0 -> running[j] = 0 } /* stop */ \
  :: d_step { declared(j) != 0 && mounts[j] < 3 -> mounts[j] = mounts[j] + 1 } /* mount */

active proctype toy() {
  /* A generation that is not there yet is no other for that. */
  d_step { generation[2] = 0; generation[3] = 0 };
  do
  job(0)
  job(1)
  :: d_step { true -> activate(0); activate(1); skip } /* rebuild */
  :: d_step { pointer == 1 -> pointer = 0; generation[2] = 0; generation[3] = 0; activate(0); activate(1); skip } /* rollback */
  od
}
