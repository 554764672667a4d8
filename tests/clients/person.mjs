// Who signs in and accepts? A person with a browser that shows no scripts: follows redirects, keeps cookies, fills in the
// form it is shown. It knows nothing of the server's pages but that a login has a password field and that the button
// which accepts says so.

const PAGES_MAX = 20;
const ACCEPTING = /\b(accept|allow|approve|agree|authori[sz]e|consent|continue|yes)\b/i;
const REFUSING = /\b(decline|deny|reject|cancel|refuse|other|switch|no|not)\b/i;

export class Person {
  #cookies = new Map();
  #user;
  #password;

  constructor(user, password) {
    this.#user = user;
    this.#password = password;
  }

  /** Opens `start`, signs in and accepts if asked to, and returns the URL at `redirectUri` that the browser is sent to. */
  async authorize(start, redirectUri) {
    let request = { url: new URL(start), method: 'GET' };
    let passwords = 0;
    for (let page = 0; page < PAGES_MAX; page++) {
      const response = await this.#open(request);
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location) {
        const next = new URL(location, request.url);
        if (isAt(next, redirectUri)) return next;
        request = { url: next, method: 'GET', from: request.url };
        continue;
      }
      const html = await response.text();
      const form = formToSubmit(html);
      if (response.status >= 400 && !form?.password) throw unexpected(request, response, html, 'shows no form');
      if (!form) throw unexpected(request, response, html, 'has no form to go on with');
      if (form.password && ++passwords > 1) throw unexpected(request, response, html, 'asks for the password again');
      request = this.#fillIn(form, request.url);
    }
    throw new Error(`no end after ${PAGES_MAX} pages; the last was ${request.url}`);
  }

  #fillIn(form, pageUrl) {
    const fields = new URLSearchParams();
    for (const { name, type, value, checked } of form.inputs) {
      if (!name || ['submit', 'button', 'image', 'reset'].includes(type)) continue;
      if (type === 'password') fields.append(name, this.#password);
      else if (form.password && ['email', 'text'].includes(type)) fields.append(name, this.#user);
      else if (['checkbox', 'radio'].includes(type)) checked && fields.append(name, value || 'on');
      else fields.append(name, value);
    }
    const { button } = form;
    if (button?.name) fields.append(button.name, button.value);
    const url = new URL(button?.formaction || form.action || pageUrl, pageUrl);
    if (form.method !== 'post') {
      url.search = fields;
      return { url, method: 'GET', from: pageUrl };
    }
    return { url, method: 'POST', body: fields, from: pageUrl };
  }

  async #open({ url, method, body, from }) {
    const headers = { accept: 'text/html,application/xhtml+xml', 'user-agent': 'Mozilla/5.0 (a person)' };
    const cookies = this.#cookiesFor(url);
    if (cookies) headers.cookie = cookies;
    if (method === 'POST') headers.origin = from.origin;
    headers['sec-fetch-site'] = from ? (from.origin === url.origin ? 'same-origin' : 'cross-site') : 'none';
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(url, { method, body, headers, redirect: 'manual', signal });
    for (const line of response.headers.getSetCookie()) this.#keep(line, url);
    return response;
  }

  #cookiesFor(url) {
    const mine = [...this.#cookies.values()].filter(
      ({ origin, path }) => origin === url.origin && (url.pathname + '/').startsWith(path),
    );
    return mine.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #keep(line, url) {
    const [pair, ...attributes] = line.split(';').map((part) => part.trim());
    const [name, ...rest] = pair.split('=');
    const attribute = (wanted) => {
      const found = attributes.find((it) => it.toLowerCase().startsWith(`${wanted}=`));
      return found?.slice(wanted.length + 1);
    };
    const path = (attribute('path') ?? url.pathname.replace(/\/[^/]*$/, '')).replace(/\/*$/, '/');
    const key = `${url.origin} ${path} ${name}`;
    const expires = attribute('expires');
    const dead = Number(attribute('max-age') ?? 1) <= 0 || (expires && Date.parse(expires) <= Date.now());
    if (dead) this.#cookies.delete(key);
    else this.#cookies.set(key, { origin: url.origin, path, name, value: rest.join('=') });
  }
}

/** Whether `url` is the redirect URI with an answer in its query. */
function isAt(url, redirectUri) {
  const expected = new URL(redirectUri);
  return url.origin === expected.origin && url.pathname === expected.pathname && url.search !== '';
}

/** The login form if there is one, else the form with a button that accepts, pressed. */
function formToSubmit(html) {
  const forms = formsOf(html);
  const login = forms.find((form) => form.password);
  if (login) return { ...login, button: login.buttons[0] };
  for (const form of forms) {
    const words = (button) => `${button.text} ${button.value} ${button.name}`;
    const accepting = (button) => ACCEPTING.test(words(button)) && !REFUSING.test(words(button));
    const button = form.buttons.find(accepting);
    if (button) return { ...form, button };
  }
  return undefined;
}

function formsOf(html) {
  const forms = [];
  const tags = /<(\/?)(form|input|button)\b((?:[^>"']|"[^"]*"|'[^']*')*)>/gi;
  for (const tag of html.matchAll(tags)) {
    const [, closing, element, rest] = tag;
    const attributes = attributesOf(rest);
    const form = forms.at(-1);
    if (closing) {
      if (element.toLowerCase() === 'form' && form) form.closed = true;
    } else if (element.toLowerCase() === 'form') {
      const method = (attributes.method ?? 'get').toLowerCase();
      forms.push({ method, action: attributes.action, inputs: [], buttons: [], password: false });
    } else if (form && !form.closed) {
      addControl(form, element.toLowerCase(), attributes, html.slice(tag.index + tag[0].length));
    }
  }
  return forms;
}

function addControl(form, element, { name = '', type, value = '', checked, formaction }, following) {
  const kind = (type ?? (element === 'button' ? 'submit' : 'text')).toLowerCase();
  if (kind === 'submit') {
    const text = element === 'button' ? following.split(/<\/button/i)[0].replace(/<[^>]*>/g, ' ') : value;
    form.buttons.push({ name, value, formaction, text: unescaped(text) });
  } else if (element === 'input') {
    form.inputs.push({ name, type: kind, value, checked: checked !== undefined });
    form.password ||= kind === 'password';
  }
}

function attributesOf(text) {
  const attributes = {};
  for (const [, name, , double, single, bare] of text.matchAll(/([^\s=/"']+)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)) {
    attributes[name.toLowerCase()] = unescaped(double ?? single ?? bare ?? '');
  }
  return attributes;
}

function unescaped(text) {
  const named = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (all, hex, decimal, name) =>
    hex || decimal ? String.fromCodePoint(parseInt(hex ?? decimal, hex ? 16 : 10)) : (named[name] ?? all),
  );
}

function unexpected({ method, url }, response, html, what) {
  const text = html.replace(/<(style|script)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
  return new Error(`${method} ${url} answered ${response.status} with a page that ${what}: ${text.slice(0, 500)}`);
}
