import { mount } from 'svelte';
import App from './App.svelte';
import { parseAddress } from './state/address.ts';
import { Explorer } from './state/explorer.svelte.ts';
import './styles/theme.css';
import './styles/base.css';
import './styles/controls.css';

const explorer = new Explorer(parseAddress(location.hash));
void explorer.start();
await explorer.language.ready;
mount(App, { target: document.querySelector('#page')!, props: { explorer } });
