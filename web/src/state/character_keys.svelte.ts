import { recall, remember } from './storage.ts';

/** Whether single characters are shortcuts: whoever dictates, or whose hand slips, can do without. */
export class CharacterKeys {
  areOn = $state(recall('keys') !== 'off');

  turn(on: boolean): void {
    this.areOn = on;
    remember('keys', on ? null : 'off');
  }
}
