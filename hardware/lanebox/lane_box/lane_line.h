// The lane box's end of the line, without a board: bytes in, an answer out. `../codec.py` says what a line is.
//
// Nothing here needs Arduino, allocates, or waits, so that a test compiles it with any C++11 compiler.

#pragma once

#include <stdint.h>
#include <stdio.h>
#include <string.h>

const int LINE_BYTES_MAX = 48;
const int WORDS_MAX = 36;

// What the till may know and say. `flag` is s settled, m moving, o over, u under, e no load cell.
struct LaneState {
  long grams = 0;
  char flag = 'e';
  bool key_on = false;
  char lamps[4] = "000";  // red, yellow, green: 0 off, 1 on, 2 blinking
  bool zero_asked = false;
};

inline uint16_t crc16(const char *data, int length) {
  uint16_t crc = 0xFFFF;
  for (int i = 0; i < length; i++) {
    crc ^= (uint16_t)((uint8_t)data[i]) << 8;
    for (int bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? (uint16_t)(crc << 1) ^ 0x1021 : (uint16_t)(crc << 1);
  }
  return crc;
}

inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

class LaneLine {
 public:
  explicit LaneLine(LaneState &state) : state_(state) {}

  // Takes one byte; true when `answer()` is to be sent. What is no line of ours is passed over in silence:
  // the till asks again.
  bool feed(char c) {
    if (c == ':') length_ = 0;
    if (length_ == LINE_BYTES_MAX) return false;
    line_[length_++] = c;
    if (c != '\n') return false;
    bool good = understand();
    length_ = 0;
    return good;
  }

  const char *answer() const { return answer_; }

 private:
  bool understand() {
    int star = length_ - 6;  // "*", four digits, end of line
    if (star < 5 || star - 4 > WORDS_MAX || line_[0] != ':' || line_[3] != ' ' || line_[star] != '*') return false;
    uint16_t told = 0;
    for (int i = star + 1; i < star + 5; i++) {
      int digit = hex_digit(line_[i]);
      if (digit < 0) return false;
      told = (uint16_t)(told << 4 | digit);
    }
    if (hex_digit(line_[1]) < 0 || hex_digit(line_[2]) < 0 || told != crc16(line_ + 1, star - 1)) return false;
    char words[WORDS_MAX + 1];
    int count = star - 4;
    memcpy(words, line_ + 4, count);
    words[count] = 0;
    say(words);
    return true;
  }

  void say(const char *words) {
    if (!strcmp(words, "H 1")) return reply("H 1 emma-lane-box");
    if (!strcmp(words, "Z")) {
      if (state_.flag != 's') return reply("N motion");
      state_.zero_asked = true;
      state_.grams = 0;
    } else if (!strncmp(words, "L ", 2) && strlen(words) == 5 && strspn(words + 2, "012") == 3) {
      memcpy(state_.lamps, words + 2, 3);
    } else if (strcmp(words, "S")) {
      return reply("N not understood");
    }
    char state[WORDS_MAX + 1];
    snprintf(state, sizeof state, "S %ld %c %d %s", state_.grams, state_.flag, state_.key_on, state_.lamps);
    reply(state);
  }

  void reply(const char *words) {
    char inner[WORDS_MAX + 4];
    int length = snprintf(inner, sizeof inner, "%c%c %s", line_[1], line_[2], words);
    snprintf(answer_, sizeof answer_, ":%s*%04X\n", inner, crc16(inner, length));
  }

  LaneState &state_;
  char line_[LINE_BYTES_MAX];
  int length_ = 0;
  char answer_[LINE_BYTES_MAX + 1];
};

// Says when a row of readings lies still: all of the last `KEPT` within `STILL_G` of each other.
class Settling {
 public:
  // Takes one reading in grams; gives the settled weight's flag for `LaneState`.
  char take(long grams) {
    kept_[next_] = grams;
    next_ = (next_ + 1) % KEPT;
    if (seen_ < KEPT) seen_++;
    long least = kept_[0], most = kept_[0];
    for (int i = 1; i < seen_; i++) {
      if (kept_[i] < least) least = kept_[i];
      if (kept_[i] > most) most = kept_[i];
    }
    mean_ = least + (most - least) / 2;
    if (grams > OVER_G) return 'o';
    if (grams < UNDER_G) return 'u';
    return seen_ == KEPT && most - least <= STILL_G ? 's' : 'm';
  }

  long grams() const { return mean_; }

 private:
  static const int KEPT = 5;  // half a second at the HX711's ten readings a second
  static const long STILL_G = 3, OVER_G = 30000, UNDER_G = -2000;
  long kept_[KEPT];
  int seen_ = 0, next_ = 0;
  long mean_ = 0;
};
