// validate.js FILE...: each document of these YAML files against the published schema of its kind; a
// file called compose.yaml against that of the Compose Specification. Prints a line for each fault, and
// ends with 1 if there was any. Run where the packages of package.json are installed.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const {createRequire} = require('node:module');

const installed = createRequire(path.join(process.cwd(), 'package.json'));
const Ajv = installed('ajv');
const yaml = installed('yaml');

const kKinds = {
  'apps/v1 Deployment': 'kubernetes-models/_schemas/IoK8sApiAppsV1Deployment',
  'autoscaling/v2 HorizontalPodAutoscaler':
      'kubernetes-models/_schemas/IoK8sApiAutoscalingV2HorizontalPodAutoscaler',
  'monitoring.coreos.com/v1 ServiceMonitor':
      '@kubernetes-models/prometheus-operator/_schemas/MonitoringCoreosComV1ServiceMonitor',
  'networking.k8s.io/v1 NetworkPolicy':
      'kubernetes-models/_schemas/IoK8sApiNetworkingV1NetworkPolicy',
  'policy/v1 PodDisruptionBudget': 'kubernetes-models/_schemas/IoK8sApiPolicyV1PodDisruptionBudget',
  'v1 ConfigMap': 'kubernetes-models/_schemas/IoK8sApiCoreV1ConfigMap',
  'v1 Service': 'kubernetes-models/_schemas/IoK8sApiCoreV1Service',
};

const isObject = (value) => typeof value === 'object' && value !== null;

// A validator reads every field that its schema knows, so one that it never reads is unknown. (The API
// server would let it go without a word.)
function watched(value, where, unread) {
  if (!isObject(value)) return value;
  const children = new Map();
  for (const key of Object.keys(value)) {
    const there = `${where}/${key}`;
    unread.add(there);
    children.set(key, watched(value[key], there, unread));
  }
  return new Proxy(value, {
    get(target, key) {
      if (!children.has(key)) return target[key];
      unread.delete(`${where}/${key}`);
      return children.get(key);
    },
  });
}

function kubernetesFaults(document) {
  const kind = `${document.apiVersion} ${document.kind}`;
  if (!(kind in kKinds)) return [`${kind}: no schema is known here`];
  const {validate} = require(path.resolve('node_modules', `${kKinds[kind]}.js`));
  const unread = new Set();
  const sound = validate(watched(document, '', unread));
  const faults = sound ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message ?? JSON.stringify(e.params)}`);
  // What is within something unknown is unknown anyway.
  const outermost = [...unread].filter((name) => !unread.has(name.slice(0, name.lastIndexOf('/'))));
  return [...faults, ...outermost.map((name) => `${name} is unknown`)];
}

function composeFaults(document) {
  const schema = JSON.parse(fs.readFileSync(path.resolve('node_modules/dclint/schemas/compose.schema.json')));
  delete schema.$schema;  // an address of draft 7 that Ajv does not know it by
  const validate = new Ajv({strict: false, allErrors: true, validateFormats: false}).compile(schema);
  return validate(document) ? [] : validate.errors.map((e) => `${e.instancePath} ${e.message ?? JSON.stringify(e.params)}`);
}

let count = 0;
for (const file of process.argv.slice(2)) {
  const documents = yaml.parseAllDocuments(fs.readFileSync(file, 'utf8'), {uniqueKeys: true});
  const faultsOf = path.basename(file) === 'compose.yaml' ? composeFaults : kubernetesFaults;
  for (const document of documents) {
    const faults = document.errors.map((e) => e.message);
    if (faults.length === 0) faults.push(...faultsOf(document.toJS()));
    for (const fault of faults) console.log(`${file}: ${fault}`);
    count += faults.length;
  }
}
process.exitCode = count > 0 ? 1 : 0;
