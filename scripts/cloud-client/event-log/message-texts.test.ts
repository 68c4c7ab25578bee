import { crashedApp, hungApp, productOf, productOfResult } from './message-texts';

test.each([
  ['Faulting application name: till.exe, version: 1.2.0.0, time stamp: 0x5ae2a6b3', 'till.exe'],
  ['Faulting application name: My Till.exe, version: 1.2.0.0', 'My Till.exe'],
  ['Faulting application till.exe, version 1.2.0.0, faulting module ntdll.dll', 'till.exe'],
  [
    'Nom de l’application défaillante till.exe, version : 10.0.1, horodatage : 0x1\r\nNom du module défaillant : ntdll.dll',
    'till.exe',
  ],
  ["Nom de l'application défaillante My Till.exe, version : 10.0.1", 'My Till.exe'],
  ['Nom de l’application défaillante : till.exe, version : 10.0.1', 'till.exe'],
  ['Name der fehlerhaften Anwendung: till.exe, Version: 10.0.1, Zeitstempel: 0x1', 'till.exe'],
  ['Nombre de la aplicación con errores: till.exe, versión: 10.0.1', 'till.exe'],
  ['Имя сбойного приложения: till.exe, версия: 10.0.1', 'till.exe'],
  ['障害が発生しているアプリケーション名: till.exe、バージョン: 10.0.1', 'till.exe'],
  ['错误应用程序名称: till.exe，版本: 10.0.1', 'till.exe'],
  ['An application that a new language names till.exe, version : 10.0.1', 'till.exe'],
  ['Something failed, version : 10.0.1', undefined],
  ['', undefined],
])('CCL-9: the program that crashed is found in “%s”', (message, name) => {
  expect(crashedApp(message)).toBe(name);
});

test.each([
  ['The program till.exe version 1.2 stopped interacting with Windows and was closed.', 'till.exe'],
  ['The program My Till.exe version 1.2 stopped interacting with Windows', 'My Till.exe'],
  ['Le programme till.exe version 1.2 a cessé d’interagir avec Windows et a été fermé.', 'till.exe'],
  ['Programm till.exe, Version 1.2 kann nicht mehr unter Windows ausgeführt werden.', 'till.exe'],
  ['El programa till.exe versión 1.2 dejó de interactuar con Windows y se cerró.', 'till.exe'],
  ['プログラム till.exe バージョン 1.2 は Windows との対話を停止し、終了しました。', 'till.exe'],
  ['Nothing is known.', undefined],
])('CCL-9: the program that hung is found in “%s”', (message, name) => {
  expect(hungApp(message)).toBe(name);
});

test.each([
  ['Product: Till 5 -- Installation completed successfully.', 'Till 5'],
  ['Produit : Till 5 -- Installation terminée.', 'Till 5'],
  ['製品: Till 5 -- インストールは正常に完了しました。', 'Till 5'],
])('CCL-9: the product is found in “%s”', (message, name) => {
  expect(productOfResult({}, message)).toBe(name);
});

test('CCL-9: the product is found in a localised summary', () => {
  const message =
    'Windows Installer a installé le produit. Nom du produit : Till 5.1. Version du produit : 5.1.0. Langue du produit : 1036. Fabricant : Example. État de réussite ou d’erreur de l’installation : 0.';
  expect(productOf({}, message)).toBe('Till 5.1');
});
