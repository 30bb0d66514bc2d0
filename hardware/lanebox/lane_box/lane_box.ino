// The lane box: a load cell behind an HX711, a key switch and three lamps, on one USB line to the till.
// Wiring, parts and calibration: README.md in this folder. The line: lane_line.h, and ../codec.py.

#include "lane_line.h"

const uint8_t CELL_DATA = 2, CELL_CLOCK = 3, KEY = 4;
const uint8_t LAMPS[3] = {5, 6, 7};  // red, yellow, green
const long COUNTS_PER_KG = 21500;    // of your load cell: see README.md, "Calibrate it"
const unsigned long CELL_SILENT_MS = 1000, TILL_SILENT_MS = 5000, BLINK_MS = 400, KEY_STEADY_MS = 50;

LaneState state;
LaneLine line(state);
Settling settling;
long zero_counts = 0;
bool zero_known = false;
unsigned long cell_heard_ms = 0, till_heard_ms = 0, key_moved_ms = 0;
bool key_before = false;

void setup() {
  pinMode(CELL_DATA, INPUT);
  pinMode(CELL_CLOCK, OUTPUT);
  pinMode(KEY, INPUT_PULLUP);
  for (uint8_t lamp : LAMPS) pinMode(lamp, OUTPUT);
  Serial.begin(115200);
}

// HX711 data sheet, "Serial Interface": DOUT falls when a reading is ready, 24 bits come out with the clock,
// the 25th pulse asks for channel A with gain 128 again. More than 60 us of high clock would switch it off.
long read_cell() {
  uint32_t bits = 0;
  noInterrupts();
  for (int i = 0; i < 25; i++) {
    digitalWrite(CELL_CLOCK, HIGH);
    delayMicroseconds(1);
    if (i < 24) bits = bits << 1 | (digitalRead(CELL_DATA) ? 1 : 0);
    digitalWrite(CELL_CLOCK, LOW);
    delayMicroseconds(1);
  }
  interrupts();
  return bits & 0x800000UL ? (long)bits - 0x1000000L : (long)bits;
}

void weigh(unsigned long now_ms) {
  if (digitalRead(CELL_DATA) == LOW) {
    long counts = read_cell();
    cell_heard_ms = now_ms;
    if (!zero_known || state.zero_asked) {
      zero_counts = counts;
      zero_known = true;
      state.zero_asked = false;
    }
    state.flag = settling.take((long)((int64_t)(counts - zero_counts) * 1000 / COUNTS_PER_KG));
    state.grams = settling.grams();
  } else if (now_ms - cell_heard_ms > CELL_SILENT_MS) {
    state.flag = 'e';
  }
}

void look_at_key(unsigned long now_ms) {
  bool on = digitalRead(KEY) == LOW;  // a contact bounces: it counts once it has been steady
  if (on != key_before) key_moved_ms = now_ms;
  key_before = on;
  if (now_ms - key_moved_ms > KEY_STEADY_MS) state.key_on = on;
}

void burn(unsigned long now_ms) {
  bool lost = now_ms - till_heard_ms > TILL_SILENT_MS;  // nobody asks any more: red blinks
  bool beat = now_ms / BLINK_MS % 2;
  for (int i = 0; i < 3; i++) {
    char how = lost ? (i == 0 ? '2' : '0') : state.lamps[i];
    digitalWrite(LAMPS[i], how == '1' || (how == '2' && beat) ? HIGH : LOW);
  }
}

void loop() {
  unsigned long now_ms = millis();
  while (Serial.available()) {
    if (line.feed((char)Serial.read())) {
      till_heard_ms = now_ms;
      Serial.print(line.answer());
    }
  }
  weigh(now_ms);
  look_at_key(now_ms);
  burn(now_ms);
}
