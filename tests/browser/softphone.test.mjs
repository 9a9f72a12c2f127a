// SPDX-License-Identifier: EUPL-1.2
// The browser as a telephone: a second page plays the media relay, with a tone. Voice is checked by
// getStats in both directions. Without rtpengine; with it: real.test.mjs.
import assert from 'node:assert/strict';
import { checkState } from './support/accessibility.mjs';
import { newContext, openPage } from './support/browser.mjs';
import { begin, ready } from './support/desk.mjs';
import { test, until } from './support/harness.mjs';
import { listen, said, spoke } from './support/speech.mjs';

// Keeps every connection and every microphone the page opens.
export const watchCalls = () => {
  globalThis.connections = [];
  globalThis.configurations = [];
  const Native = globalThis.RTCPeerConnection;
  globalThis.RTCPeerConnection = class extends Native {
    constructor(...args) {
      super(...args);
      globalThis.connections.push(this);
      globalThis.configurations.push(args[0]);
    }
  };
  globalThis.panned = []; // what goes to one ear, and to which
  const connect = StereoPannerNode.prototype.connect;
  StereoPannerNode.prototype.connect = function (...args) {
    const meter = new AnalyserNode(this.context);
    connect.call(this, meter);
    globalThis.panned.push({ pan: this.pan.value, meter });
    return connect.apply(this, args);
  };
  globalThis.outputs = []; // chosen for a sound, in their order
  const choose = HTMLMediaElement.prototype.setSinkId;
  HTMLMediaElement.prototype.setSinkId = async function (id) {
    await choose.call(this, id);
    globalThis.outputs.push(this.sinkId);
  };
  globalThis.tracks = [];
  const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    if (globalThis.refuse) throw new DOMException('', globalThis.refuse);
    const stream = await open(wish);
    globalThis.tracks.push(...stream.getTracks());
    return stream;
  };
};

// The other end: offers a leg as the relay does (complete candidates, PCMA first).
async function relay(context) {
  const page = await openPage(await newContext(context.browser), context.server.url);
  const offer = (name) =>
    page.evaluate(async (leg) => {
      const connection = new RTCPeerConnection();
      const audio = new AudioContext();
      const tone = new OscillatorNode(audio, { frequency: 440 });
      const sink = audio.createMediaStreamDestination();
      tone.connect(sink);
      tone.start();
      connection.ontrack = ({ streams }) => {
        const player = new Audio(); // what nobody plays is not decoded, and has no level
        player.srcObject = streams[0];
        void player.play();
      };
      connection.addTrack(sink.stream.getAudioTracks()[0], sink.stream);
      await connection.setLocalDescription(await connection.createOffer());
      if (connection.iceGatheringState !== 'complete')
        await new Promise((done) => {
          connection.onicegatheringstatechange = () =>
            connection.iceGatheringState === 'complete' && done();
        });
      (globalThis.legs ??= {})[leg] = connection;
      return connection.localDescription.sdp;
    }, name);
  const accept = ({ leg, sdp }) =>
    page.evaluate(([name, text]) => legs[name].setRemoteDescription({ type: 'answer', sdp: text }), [leg, sdp]);
  const heard = (leg) =>
    page.evaluate(async (name) => {
      for (const entry of (await legs[name].getStats()).values())
        if (entry.type === 'inbound-rtp') return { packets: entry.packetsReceived, level: entry.audioLevel };
      return { packets: 0, level: 0 };
    }, leg);
  return { page, offer, accept, heard };
}

export const hears = (page, index = 0) =>
  page.evaluate(async (at) => {
    const connection = globalThis.connections[at];
    for (const entry of (await connection?.getStats())?.values() ?? [])
      if (entry.type === 'inbound-rtp') return { packets: entry.packetsReceived, level: entry.audioLevel };
    return { packets: 0, level: 0 };
  }, index);

async function started(context) {
  const server = await context.newServer();
  const far = await relay(context);
  const page = await context.person('agent1', { before: watchCalls });
  await begin(page);
  return { server, far, page };
}
const microphone = (page) =>
  page.evaluate(() => {
    const live = globalThis.tracks.filter((track) => track.readyState === 'live');
    return live.length === 0 ? 'closed' : live.some((track) => track.enabled) ? 'sending' : 'muted';
  });

test('voice in both directions; microphone open only in the call, silent while ringing and held', async (context) => {
  const { server, far, page } = await started(context);
  assert.equal(await microphone(page), 'closed', 'asked for at the start, then closed');
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answered at once', () => server.answers.length === 1);
  assert.equal(server.answers[0].leg, 'A1');
  await far.accept(server.answers[0]);
  assert.equal(await microphone(page), 'muted');
  assert.equal(await page.evaluate(() => globalThis.configurations[0]?.bundlePolicy), undefined);
  await page.keyboard.press('F8');
  await until('tone heard', async () => (await hears(page)).level > 0.01);
  const before = (await hears(page)).packets;
  await until('packets flow', async () => (await hears(page)).packets > before + 50);
  assert.equal(await microphone(page), 'sending');
  await until('caller hears the microphone', async () => (await far.heard('A1')).level > 0.001);
  await page.keyboard.press('F9');
  await until('muted on hold', async () => (await microphone(page)) === 'muted');
  await page.keyboard.press('F9');
  await until('speaks again', async () => (await microphone(page)) === 'sending');
  await page.keyboard.press('Shift+F9');
  await until('closed', async () => (await microphone(page)) === 'closed');
  assert.equal(await page.evaluate(() => globalThis.connections[0].signalingState), 'closed');
  assert.deepEqual(page.faults, []);
});

test('a leg that is replaced gets a fresh connection; the old one is closed', async (context) => {
  const { server, far, page } = await started(context);
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('first answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  await page.keyboard.press('F8');
  await until('first voice', async () => (await hears(page)).level > 0.01);
  server.set({ browser_offer: { leg: 'A2', sdp: await far.offer('A2') } });
  await until('second answer', () => server.answers.length === 2);
  await far.accept(server.answers[1]);
  await until('second voice', async () => (await hears(page, 1)).level > 0.01);
  await until('first closed', () => page.evaluate(() => connections[0].signalingState === 'closed'));
  assert.equal(await page.evaluate(() => connections.length), 2);
});

test('the chosen headset is the one of the call: its microphone and its loudspeaker', async (context) => {
  const { server, far, page } = await started(context);
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  const second = async (label) => {
    const list = page.getByLabel(label, { exact: true });
    const option = list.locator('option').nth(2); // the machine's own is the first
    await option.waitFor({ state: 'attached' });
    const chosen = { id: await option.getAttribute('value'), label: await option.textContent() };
    await list.selectOption(chosen.id);
    return chosen;
  };
  const microphone = await second('Mikrofon');
  const loudspeaker = await second('Gespräch');
  await page.getByRole('link', { name: 'Arbeitsplatz' }).click();
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  await page.keyboard.press('F8');
  await until('tone heard', async () => (await hears(page)).level > 0.01);
  const live = await page.evaluate(() =>
    globalThis.tracks.filter((track) => track.readyState === 'live').map((track) => track.label));
  assert.deepEqual(live, [microphone.label]);
  assert.equal((await page.evaluate(() => globalThis.outputs)).at(-1), loudspeaker.id);
  assert.deepEqual(page.faults, []);
});

test('a chosen headset that is not there any more: the own one of the machine speaks', async (context) => {
  const { server, far, page } = await started(context);
  await page.evaluate(() => {
    const open = navigator.mediaDevices.getUserMedia;
    navigator.mediaDevices.getUserMedia = (wish) => {
      if (wish.audio?.deviceId) throw new OverconstrainedError('deviceId');
      return open(wish);
    };
  });
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.getByLabel('Mikrofon', { exact: true }).selectOption({ index: 2 });
  await page.getByRole('link', { name: 'Arbeitsplatz' }).click();
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  await page.keyboard.press('F8');
  await until('caller hears the microphone', async () => (await far.heard('A1')).level > 0.001);
  assert.deepEqual(page.faults, []);
});

test('the conversation on one ear', async (context) => {
  const { server, far, page } = await started(context);
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.getByLabel('linkem Ohr').check();
  await page.getByRole('link', { name: 'Arbeitsplatz' }).click();
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  await page.keyboard.press('F8');
  await until('voice on the left', () =>
    page.evaluate(() => {
      const [one] = globalThis.panned;
      const samples = new Float32Array(1024);
      one?.meter.getFloatTimeDomainData(samples);
      return one?.pan === -1 && samples.some((sample) => Math.abs(sample) > 0.1);
    }));
  assert.deepEqual(page.faults, []);
});

for (const [refusal, words] of [
  ['NotAllowedError', 'Das Mikrofon ist für diese Seite gesperrt.'],
  ['NotFoundError', 'Kein Mikrofon gefunden.'],
  ['NotReadableError', 'Ein anderes Programm benutzt das Mikrofon.'],
])
  test(`no microphone (${refusal}): explained, and not ready`, async (context) => {
    const server = await context.newServer();
    const page = await context.person('agent1', { before: watchCalls });
    await page.evaluate((name) => (globalThis.refuse = name), refusal);
    await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
    await page.getByText(words).waitFor();
    assert.equal(server.desk().state, 'signed_out');
    await page.getByLabel('Tischtelefon').check();
    await page.getByRole('button', { name: 'Arbeitsplatz starten' }).click();
    await page.getByRole('heading', { name: 'Bereit', level: 1 }).waitFor();
    assert.equal(server.desk().device, 'sip_phone', 'a desk phone needs no microphone');
  });

const reload = async (page) => {
  page.once('dialog', (dialog) => void dialog.accept()); // "leave the page?" is asked during a call
  await page.reload();
};
const bandHeight = (page) => page.locator('.call').evaluate((band) => band.getBoundingClientRect().height);
async function talking(context) {
  const all = await started(context);
  const { server, far, page } = all;
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  await page.locator('#answer').waitFor();
  all.ringing = await bandHeight(page);
  await page.keyboard.press('F8');
  await until('voice', async () => (await hears(page)).level > 0.01);
  await page.getByRole('button', { name: 'Auflegen' }).waitFor(); // before it, the keys of a call do nothing
  let legs = 1;
  server.newOffer = async () => {
    const leg = `A${++legs}`;
    return { leg, sdp: await far.offer(leg) };
  };
  return all;
}
const asked = (server) => server.commands.filter(({ command }) => command === 'phone_resume').length;

test('a reload in a call gets its voice back without a hand on it, said once', async (context) => {
  const { server, far, page } = await talking(context);
  await reload(page);
  await listen(page);
  await until('asked and answered', () => server.answers.length === 2);
  assert.equal(server.answers[1].leg, 'A2');
  await far.accept(server.answers[1]);
  await until('voice again', async () => (await hears(page)).level > 0.01);
  assert.equal(await microphone(page), 'sending');
  await until('the caller hears again', async () => (await far.heard('A2')).level > 0.001);
  await until('said', async () => spoke(page, 'Ton wieder da. Gespräch Wedemark.'));
  await page.waitForTimeout(6000); // longer than the page waits before it asks again
  assert.equal(asked(server), 1);
  assert.equal((await said(page)).filter((text) => text.includes('Ton')).length, 1);
  assert.equal(await page.getByText('Der Ton ist weg').count(), 0);
  assert.equal(server.desk().state, 'talking');
  assert.deepEqual(page.faults, []);
});

test('the offer of a normal call is waited for, not asked for', async (context) => {
  const { server, far, page } = await started(context);
  server.ring(); // it rings first; the offer comes a moment later
  await page.getByRole('button', { name: 'Annehmen' }).waitFor();
  server.set({ browser_offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answered', () => server.answers.length === 1);
  assert.equal(asked(server), 0);
});

test('a reload on hold: voice is back, and the microphone stays silent until resumed', async (context) => {
  const { server, far, page } = await talking(context);
  await page.keyboard.press('F9');
  await page.getByRole('button', { name: 'Weiter', exact: false }).first().waitFor();
  await reload(page);
  await until('answered', () => server.answers.length === 2);
  await far.accept(server.answers[1]);
  await until('connected', () => page.evaluate(() => connections[0]?.connectionState === 'connected'));
  assert.equal(await microphone(page), 'muted');
  await page.keyboard.press('F9');
  await until('speaks again', async () => (await microphone(page)) === 'sending');
});

test('a dead voice connection is replaced', async (context) => {
  const { server, far, page } = await talking(context);
  // What a long gap of the network does, without waiting for it.
  await page.evaluate(() => {
    const [one] = globalThis.connections;
    one.close();
    one.onconnectionstatechange();
  });
  await until('answered', () => server.answers.length === 2);
  await far.accept(server.answers[1]);
  await until('voice again', async () => (await hears(page, 1)).level > 0.01);
  assert.equal(asked(server), 1);
});

test('while no new voice can be had: said once, shown, and asked for again until it comes', async (context) => {
  const { server, far, page } = await talking(context);
  const { newOffer } = server;
  server.newOffer = undefined; // 503
  await reload(page);
  await page.getByText('Der Ton ist weg und wird neu verbunden.').waitFor();
  await until('asked again', () => asked(server) > 2);
  server.newOffer = newOffer;
  await until('answered', () => server.answers.length === 2);
  await far.accept(server.answers[1]);
  await page.getByText('Der Ton ist weg und wird neu verbunden.').waitFor({ state: 'detached' });
  await until('voice again', async () => (await hears(page)).level > 0.01);
});

test('an offer that another window has answered: asks for one of its own', async (context) => {
  const { server, far, page } = await talking(context);
  server.fail('POST', '/desk/media', 409, 'desk.other_call', 'Dieser Anruf ist nicht mehr an Ihrem Platz.');
  server.set({ browser_offer: { leg: 'A8', sdp: await far.offer('A8') } });
  await until('asked', () => asked(server) === 1);
  server.heal();
  assert.equal(await page.getByText('nicht mehr an Ihrem Platz').count(), 0);
});

test('a browser that plays nothing before a gesture: said, and the first key is enough', async (context) => {
  const { server, far, page } = await started(context);
  await page.evaluate(() => {
    const play = HTMLMediaElement.prototype.play;
    globalThis.allowed = false;
    HTMLMediaElement.prototype.play = function () {
      if (globalThis.allowed) return play.call(this);
      return Promise.reject(new DOMException('', 'NotAllowedError'));
    };
  });
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await until('answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  const notice = page.getByText('Der Browser spielt den Ton erst nach einem Klick oder Tastendruck.');
  await notice.waitFor();
  await page.evaluate(() => (globalThis.allowed = true)); // as it is from the key press on
  await page.keyboard.press('F8');
  await notice.waitFor({ state: 'detached' });
  await until('heard', async () => (await hears(page)).level > 0.01);
});

test('a microphone refused in the call: once more by a button', async (context) => {
  const { server, far, page } = await started(context);
  await page.evaluate(() => (globalThis.refuse = 'NotReadableError'));
  server.ring({ offer: { leg: 'A1', sdp: await far.offer('A1') } });
  await page.getByText('Ein anderes Programm benutzt das Mikrofon.').waitFor();
  await page.evaluate(() => (globalThis.refuse = undefined));
  await page.getByRole('button', { name: 'Noch einmal versuchen' }).click();
  await until('answer', () => server.answers.length === 1);
  await far.accept(server.answers[0]);
  await page.keyboard.press('F8');
  await until('voice', async () => (await hears(page, 1)).level > 0.01);
  assert.equal(asked(server), 0, 'the offer was still there');
});

test('the band keeps its height when a call is answered: the knowledge below it does not move', async (context) => {
  const { page, ringing } = await talking(context);
  await page.getByRole('button', { name: 'Tonwahl' }).waitFor();
  assert.equal(await bandHeight(page), ringing);
});

test('tones for a machine at the other end: typed and pressed, each sent once and in order', async (context) => {
  const { page } = await talking(context);
  await page.evaluate(() => {
    globalThis.tones = []; // what the browser's own sender says it is playing out
    for (const connection of globalThis.connections)
      for (const { dtmf } of connection.getSenders())
        dtmf?.addEventListener('tonechange', ({ tone }) => tone && globalThis.tones.push(tone));
  });
  await page.getByRole('button', { name: 'Tonwahl' }).press('Enter');
  await until('the field has the focus', () => page.evaluate(() => document.activeElement?.id === 'tones'));
  await page.keyboard.type('1x2#');
  assert.equal(await page.locator('#tones').inputValue(), '12#', 'only what is a tone');
  await page.keyboard.press('Backspace'); // what went out cannot be taken back
  assert.equal(await page.locator('#tones').inputValue(), '12#');
  await page.getByRole('button', { name: 'Ton Stern' }).press('Enter');
  await until('all sent', () => page.evaluate(() => globalThis.tones.join('') === '12#*'));
  await checkState(page, 'keypad');
  await page.getByRole('button', { name: 'Tonwahl' }).press('Enter');
  await page.locator('#tones').waitFor({ state: 'detached' });
  assert.deepEqual(page.faults, []);
});

test('tones without a voice: says that they cannot be sent', async (context) => {
  const { server, page } = await ready(context);
  server.ring();
  server.answer();
  await page.getByRole('button', { name: 'Tonwahl' }).click();
  await page.keyboard.type('5');
  await page.locator('#tones-fault').getByText('Töne lassen sich in diesem Gespräch nicht senden.').waitFor();
  assert.equal(await page.locator('#tones').inputValue(), '');
  await checkState(page, 'tones refused');
});
