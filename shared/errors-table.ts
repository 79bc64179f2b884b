// biome-ignore-all format: a table is read by its rows
/**
 * The one table of errors. Codes are stable: programs match on them. `log` is for the log, `en`/`id`/`tr` for
 * the person, with {{named}} parameters; `http` is the status at either HTTP API; `retry` says whether the
 * same request may succeed later without anybody changing anything.
 */
export interface ErrorSpec {
  readonly http: number;
  readonly retry: boolean;
  readonly log: string;
  readonly en: string;
  readonly id: string;
  readonly tr: string;
}

const row = (http: number, retry: boolean, log: string, en: string, id: string, tr: string): ErrorSpec => ({
  http,
  retry,
  log,
  en,
  id,
  tr,
});

export const ERRORS = {
  // Requests
  bad_request: row(400, false, 'request does not fit its schema', 'Something in this request is not right. Check it and try again.', 'Ada yang tidak sesuai pada permintaan ini. Periksa lalu coba lagi.', 'Bu istekte bir yanlışlık var. Kontrol edip yeniden deneyin.'),
  not_found: row(404, false, 'no such resource', 'Not found.', 'Tidak ditemukan.', 'Bulunamadı.'),
  body_too_large: row(413, false, 'request body over the limit', 'That is too much data at once.', 'Data yang dikirim terlalu besar.', 'Bir seferde çok fazla veri gönderildi.'),
  unauthorised: row(401, false, 'missing or unknown credentials', 'Not allowed: this device is not recognised.', 'Tidak diizinkan: perangkat ini tidak dikenal.', 'İzin yok: bu cihaz tanınmıyor.'),
  origin_forbidden: row(403, false, 'request with a foreign Origin or Host', 'Requests from web pages are not accepted.', 'Permintaan dari halaman web tidak diterima.', 'Web sayfalarından gelen istekler kabul edilmez.'),
  idempotency_key_missing: row(400, false, 'Idempotency-Key header missing or malformed', 'The request lacks its idempotency key.', 'Permintaan tidak memiliki kunci idempotensi.', 'İstekte tekillik anahtarı yok.'),
  idempotency_key_reused: row(422, false, 'idempotency key used before with another body', 'This request was already made with other contents.', 'Permintaan ini sudah dibuat dengan isi yang berbeda.', 'Bu istek daha önce farklı içerikle yapılmış.'),
  too_many_requests: row(429, true, 'rate limit reached', 'Too many requests. Try again in {{seconds}} s.', 'Terlalu banyak permintaan. Coba lagi dalam {{seconds}} detik.', 'Çok fazla istek. {{seconds}} sn sonra yeniden deneyin.'),
  internal: row(500, true, 'unexpected error', 'Something went wrong on our side. It was recorded.', 'Terjadi kesalahan di sistem kami. Sudah dicatat.', 'Bizden kaynaklanan bir hata oldu. Kaydedildi.'),
  not_ready: row(503, true, 'service is starting or its database is away', 'The service is not ready yet. Try again in a moment.', 'Layanan belum siap. Coba lagi sebentar.', 'Hizmet henüz hazır değil. Birazdan yeniden deneyin.'),

  // Pairing, tills and the line
  pairing_code_invalid: row(403, false, 'pairing code unknown, used or mistyped', 'This pairing code is not right or was already used.', 'Kode pemasangan ini salah atau sudah dipakai.', 'Bu eşleştirme kodu yanlış ya da kullanılmış.'),
  pairing_code_expired: row(410, false, 'pairing code expired', 'This pairing code has expired. Ask for a new one.', 'Kode pemasangan sudah kedaluwarsa. Minta yang baru.', 'Eşleştirme kodunun süresi doldu. Yenisini isteyin.'),
  pairing_key_mismatch: row(403, false, 'gateway key does not match the fingerprint in the pairing code', 'The server is not the one this code belongs to. Do not go on; call the operator.', 'Server ini bukan pemilik kode tersebut. Jangan lanjutkan; hubungi operator.', 'Sunucu bu koda ait değil. Devam etmeyin; işletmeciyi arayın.'),
  till_not_paired: row(409, false, 'till is not paired', 'This till is not paired with a store yet.', 'Kasir ini belum dipasangkan dengan toko.', 'Bu kasa henüz bir mağazayla eşleşmedi.'),
  till_already_paired: row(409, false, 'till is already paired', 'This till is already paired.', 'Kasir ini sudah dipasangkan.', 'Bu kasa zaten eşleşmiş.'),
  till_revoked: row(403, false, 'till was revoked', 'This till was switched off by the manager.', 'Kasir ini dinonaktifkan oleh manajer.', 'Bu kasa yönetici tarafından kapatıldı.'),
  gateway_unreachable: row(503, true, 'gateway unreachable', 'No connection to the server. Nothing is lost; it can be tried again.', 'Tidak ada koneksi ke server. Tidak ada yang hilang; bisa dicoba lagi.', 'Sunucuya bağlantı yok. Hiçbir şey kaybolmadı; yeniden denenebilir.'),
  gateway_timeout: row(504, true, 'gateway did not answer in time', 'The server did not answer in time. Trying again is safe.', 'Server tidak menjawab tepat waktu. Aman untuk mencoba lagi.', 'Sunucu zamanında yanıt vermedi. Yeniden denemek güvenlidir.'),
  gateway_bad_answer: row(502, false, 'gateway answered outside its schema', 'The server gave an answer this till does not understand.', 'Server memberi jawaban yang tidak dikenali kasir ini.', 'Sunucu bu kasanın anlamadığı bir yanıt verdi.'),

  // People
  pin_wrong: row(403, false, 'wrong PIN', 'Wrong PIN. Tries left: {{triesLeft}}.', 'PIN salah. Sisa percobaan: {{triesLeft}}.', 'Yanlış PIN. Kalan deneme: {{triesLeft}}.'),
  pin_locked: row(403, true, 'sign-in locked after wrong PINs', 'Locked after too many wrong PINs. Try again in {{seconds}} s.', 'Terkunci karena PIN salah berkali-kali. Coba lagi dalam {{seconds}} detik.', 'Çok fazla yanlış PIN: kilitlendi. {{seconds}} sn sonra yeniden deneyin.'),
  staff_unknown: row(404, false, 'staff member unknown or inactive', 'This person is not on the staff list.', 'Orang ini tidak ada dalam daftar staf.', 'Bu kişi personel listesinde yok.'),
  not_signed_in: row(401, false, 'nobody is signed in', 'Sign in first.', 'Masuk terlebih dahulu.', 'Önce oturum açın.'),
  role_not_allowed: row(403, false, 'role may not do this', 'Your role does not allow this.', 'Peran Anda tidak mengizinkan ini.', 'Rolünüz buna izin vermiyor.'),

  // Codes at sign-in
  login_unknown: row(404, false, 'login unknown to this till', 'This sign-in has ended. Type your PIN again.', 'Proses masuk ini sudah berakhir. Ketik PIN lagi.', 'Bu oturum açma sona erdi. PIN kodunuzu yeniden yazın.'),
  login_not_reachable: row(409, false, 'staff member has no verified number for codes', 'No WhatsApp number of yours is verified, so no code can be sent. Ask the manager to enrol you.', 'Nomor WhatsApp Anda belum diverifikasi, kode tidak bisa dikirim. Minta manajer mendaftarkan Anda.', 'Doğrulanmış WhatsApp numaranız yok, kod gönderilemiyor. Yöneticiden kaydınızı isteyin.'),
  login_code_limit: row(429, true, 'sign-in codes per phone over the limit', 'You were sent too many codes. Try again in {{seconds}} s.', 'Anda sudah menerima terlalu banyak kode. Coba lagi dalam {{seconds}} detik.', 'Size çok fazla kod gönderildi. {{seconds}} sn sonra yeniden deneyin.'),
  login_sends_exhausted: row(429, false, 'no more sends for this login', 'No more codes can be sent for this sign-in. Type your PIN again later.', 'Kode untuk proses masuk ini tidak bisa dikirim lagi. Ketik PIN lagi nanti.', 'Bu oturum açma için başka kod gönderilemez. Daha sonra PIN kodunuzu yeniden yazın.'),
  login_tries_exhausted: row(403, false, 'too many wrong sign-in codes', 'Too many wrong codes. Type your PIN again to be sent a new one.', 'Terlalu banyak kode salah. Ketik PIN lagi untuk menerima kode baru.', 'Çok fazla yanlış kod. Yeni kod için PIN kodunuzu yeniden yazın.'),
  login_needs_line: row(409, true, 'policy asks for a code at sign-in and there is no line', 'Signing in needs a code, and there is no connection. Without it your PIN is enough in {{hours}} h.', 'Masuk perlu kode, tetapi tidak ada koneksi. Tanpa koneksi, PIN saja cukup dalam {{hours}} jam.', 'Oturum açmak kod ister, bağlantı yok. Bağlantı gelmezse {{hours}} saat sonra yalnız PIN yeter.'),

  // Customers and amounts
  customer_unknown: row(404, false, 'customer unknown', 'No customer with this number.', 'Tidak ada pelanggan dengan nomor ini.', 'Bu numarayla müşteri yok.'),
  customer_ambiguous: row(409, false, 'more than one customer matches', 'More than one customer matches. Choose one.', 'Ada beberapa pelanggan yang cocok. Pilih salah satu.', 'Birden fazla müşteri uyuyor. Birini seçin.'),
  customer_without_phone: row(409, false, 'customer has no phone number for codes', 'This customer has no phone number, so no code can be sent.', 'Pelanggan ini tidak punya nomor telepon, kode tidak bisa dikirim.', 'Müşterinin telefonu yok; kod gönderilemez.'),
  customer_exists: row(409, false, 'phone or member number already taken in this store', 'Another customer already has this phone or member number.', 'Nomor telepon atau anggota ini sudah dipakai pelanggan lain.', 'Bu telefon veya üye numarası başka müşteride kayıtlı.'),
  customer_has_open: row(409, true, 'customer has open redemptions', 'Redemptions of this customer are still open: {{count}}. Finish them first, or have a manager confirm.', 'Masih ada penukaran pelanggan ini yang terbuka: {{count}}. Selesaikan dulu atau minta konfirmasi manajer.', 'Bu müşterinin açık işlemleri var: {{count}}. Önce bitirin ya da bir yönetici onaylasın.'),
  customer_has_balance: row(409, false, 'customer has a balance', 'This customer still has a balance: deposit {{deposit}}, points {{points}}. Pay it out first, or have a manager confirm.', 'Pelanggan ini masih punya saldo: deposit {{deposit}}, poin {{points}}. Bayarkan dulu atau minta konfirmasi manajer.', 'Müşterinin bakiyesi var: depozito {{deposit}}, puan {{points}}. Önce ödeyin ya da bir yönetici onaylasın.'),
  phone_malformed: row(400, false, 'not a valid phone number', 'This is not a valid phone number.', 'Nomor telepon tidak valid.', 'Geçerli bir telefon numarası değil.'),
  amount_invalid: row(400, false, 'amount is zero, negative, fractional or too large', 'Enter a whole amount above zero.', 'Masukkan jumlah bulat di atas nol.', 'Sıfırdan büyük tam bir tutar girin.'),
  amount_above_balance: row(409, false, 'amount above the available balance', 'The balance is not enough. Available: {{available}}.', 'Saldo tidak cukup. Tersedia: {{available}}.', 'Bakiye yetersiz. Kullanılabilir: {{available}}.'),

  // Codes
  code_malformed: row(400, false, 'code has the wrong shape', 'The code has {{digits}} digits.', 'Kode terdiri dari {{digits}} angka.', 'Kod {{digits}} rakamdan oluşur.'),
  code_wrong: row(403, false, 'wrong code', 'Wrong code, please try again. Tries left: {{triesLeft}}.', 'Kode salah, coba lagi. Sisa percobaan: {{triesLeft}}.', 'Kod yanlış, yeniden deneyin. Kalan deneme: {{triesLeft}}.'),
  code_superseded: row(403, false, 'an older code of this redemption', 'This is an older code. Use the one in the newest message.', 'Ini kode lama. Gunakan kode di pesan terbaru.', 'Bu eski bir kod. En yeni mesajdaki kodu kullanın.'),
  code_expired: row(410, false, 'code expired', 'The code has expired. Start again to send a new one.', 'Kode sudah kedaluwarsa. Mulai lagi untuk mengirim kode baru.', 'Kodun süresi doldu. Yeni kod için yeniden başlayın.'),
  code_used: row(409, false, 'code already used', 'This code was already used.', 'Kode ini sudah dipakai.', 'Bu kod zaten kullanıldı.'),
  code_tries_exhausted: row(403, false, 'too many wrong codes', 'Too many wrong codes. This redemption has ended; nothing was charged.', 'Terlalu banyak kode salah. Penukaran dihentikan; saldo tidak terpotong.', 'Çok fazla yanlış kod. İşlem sonlandı; bakiye düşülmedi.'),
  code_resend_too_early: row(429, true, 'resend before the cooldown ended', 'A new code can be sent in {{seconds}} s.', 'Kode baru bisa dikirim dalam {{seconds}} detik.', 'Yeni kod {{seconds}} sn sonra gönderilebilir.'),
  code_sends_exhausted: row(429, false, 'no more sends for this redemption', 'No more codes can be sent for this redemption.', 'Kode untuk penukaran ini tidak bisa dikirim lagi.', 'Bu işlem için başka kod gönderilemez.'),
  code_limit_phone: row(429, true, 'codes per phone over the limit', 'This customer was sent too many codes. Try again later.', 'Pelanggan ini sudah menerima terlalu banyak kode. Coba lagi nanti.', 'Bu müşteriye çok fazla kod gönderildi. Daha sonra deneyin.'),
  code_limit_till: row(429, true, 'codes per till over the limit', 'This till has sent too many codes. Call the manager.', 'Kasir ini sudah mengirim terlalu banyak kode. Hubungi manajer.', 'Bu kasa çok fazla kod gönderdi. Yöneticiyi arayın.'),
  code_limit_store: row(429, true, 'codes per store over the limit', 'The store has sent too many codes. Call the manager.', 'Toko sudah mengirim terlalu banyak kode. Hubungi manajer.', 'Mağaza çok fazla kod gönderdi. Yöneticiyi arayın.'),

  // Message credit
  message_credit_empty: row(409, false, 'prepaid message credit is used up', "The store's message credit is used up, so no code can be sent. Call the manager.", 'Kredit pesan toko sudah habis, kode tidak bisa dikirim. Hubungi manajer.', 'Mağazanın mesaj kredisi bitti, kod gönderilemiyor. Yöneticiyi çağırın.'),

  // Redemptions
  redemption_unknown: row(404, false, 'redemption unknown to this till', 'This redemption does not exist.', 'Penukaran ini tidak ada.', 'Böyle bir işlem yok.'),
  redemption_state: row(409, false, 'illegal transition of a redemption', 'This is not possible any more: the redemption is {{status}}.', 'Tidak bisa lagi: status penukaran {{status}}.', 'Artık mümkün değil: işlemin durumu {{status}}.'),
  till_busy: row(409, true, 'another redemption is open on this till', 'Another redemption is still open on this till.', 'Masih ada penukaran lain yang terbuka di kasir ini.', 'Bu kasada açık başka bir işlem var.'),

  // Grants
  grant_invalid: row(403, false, 'grant is malformed or its signature is wrong', 'The permission is not genuine. The device did not move. This was recorded.', 'Izin tidak sah. Perangkat tidak digerakkan. Sudah dicatat.', 'İzin gerçek değil. Cihaz çalıştırılmadı. Kaydedildi.'),
  grant_expired: row(403, false, 'grant expired', 'The permission has expired. Ask for it again.', 'Izin sudah kedaluwarsa. Minta lagi.', 'İznin süresi doldu. Yeniden isteyin.'),
  grant_foreign: row(403, false, 'grant is for another till or gateway', 'The permission belongs to another till.', 'Izin ini milik kasir lain.', 'Bu izin başka bir kasaya ait.'),
  grant_mismatch: row(403, false, 'grant does not match the sale, amount or customer', 'The permission does not fit this sale.', 'Izin tidak cocok dengan transaksi ini.', 'İzin bu satışa uymuyor.'),
  grant_already_used: row(409, false, 'grant was used before', 'This permission was already used.', 'Izin ini sudah dipakai.', 'Bu izin zaten kullanıldı.'),
  grant_action_not_allowed: row(403, false, 'grant does not allow this action', 'The permission does not allow this.', 'Izin tidak mencakup tindakan ini.', 'İzin bu işlemi kapsamıyor.'),

  // Approvals and policy
  approval_unknown: row(404, false, 'approval unknown to this till', 'This request does not exist.', 'Permintaan ini tidak ada.', 'Böyle bir istek yok.'),
  approval_state: row(409, false, 'illegal transition of an approval', 'This is not possible any more: the request is {{status}}.', 'Tidak bisa lagi: status permintaan {{status}}.', 'Artık mümkün değil: isteğin durumu {{status}}.'),
  approval_kind_unknown: row(404, false, 'approval kind not in the policy, or switched off', 'This kind of request is not set up for the store.', 'Jenis permintaan ini belum diatur untuk toko.', 'Bu istek türü mağaza için tanımlı değil.'),
  approval_incomplete: row(400, false, 'approval request lacks what its kind asks for', 'Something that this request needs is missing: {{field}}.', 'Ada isian yang belum lengkap: {{field}}.', 'Bu istek için eksik bilgi var: {{field}}.'),
  approval_nobody: row(409, false, 'nobody may decide this request', 'Nobody who may approve this can be reached. Call the manager.', 'Tidak ada yang berwenang dan bisa dihubungi. Hubungi manajer.', 'Onaylayabilecek kimse yok. Yöneticiyi arayın.'),
  approval_outside_hours: row(409, false, 'approvals are refused outside working hours', 'Requests are not taken outside working hours.', 'Permintaan tidak diterima di luar jam kerja.', 'Çalışma saatleri dışında istek alınmaz.'),
  approval_repeat_limit: row(429, true, 'too many requests of this kind by one person', 'Too many requests of this kind. Try again in {{seconds}} s or call the manager.', 'Terlalu banyak permintaan sejenis. Coba lagi dalam {{seconds}} detik atau hubungi manajer.', 'Bu türden çok fazla istek var. {{seconds}} sn sonra deneyin ya da yöneticiyi arayın.'),
  approval_too_many_open: row(429, true, 'too many open requests at this till', 'Too many requests are open at this till. Wait for an answer or cancel one.', 'Terlalu banyak permintaan terbuka di kasir ini. Tunggu jawaban atau batalkan salah satu.', 'Bu kasada çok fazla açık istek var. Yanıtı bekleyin ya da birini iptal edin.'),
  approval_code_wrong: row(403, false, 'wrong approval code', 'Wrong approval code. Tries left: {{triesLeft}}.', 'Kode persetujuan salah. Sisa percobaan: {{triesLeft}}.', 'Onay kodu yanlış. Kalan deneme: {{triesLeft}}.'),
  approval_code_not_expected: row(409, false, 'this request is answered on a phone, not by a code', 'This request is answered on the phone, not by a code.', 'Permintaan ini dijawab lewat ponsel, bukan dengan kode.', 'Bu istek kodla değil, telefondan yanıtlanır.'),
  policy_needs_second: row(409, false, 'a second person must agree to weaker rules: {{parts}}', 'A second manager or supervisor has to agree to this change.', 'Perubahan ini perlu persetujuan manajer atau supervisor kedua.', 'Bu değişikliği ikinci bir yönetici ya da sorumlu da onaylamalı.'),
  policy_conflict: row(409, false, 'policy was changed by somebody else meanwhile', 'Somebody changed the rules in the meantime. Look at them again.', 'Aturan sudah diubah orang lain. Periksa lagi.', 'Kurallar bu arada değiştirildi. Yeniden bakın.'),
  policy_invalid: row(400, false, 'policy document is not valid', 'These rules do not fit together: {{at}}.', 'Aturan ini tidak sesuai: {{at}}.', 'Bu kurallar birbirine uymuyor: {{at}}.'),
  policy_untrusted: row(502, false, 'policy signature wrong, or older than the one in use', 'The rules from the server are not genuine. The ones before stay in use.', 'Aturan dari server tidak sah. Aturan sebelumnya tetap dipakai.', 'Sunucudan gelen kurallar gerçek değil. Önceki kurallar geçerli.'),
  slip_logo_unreadable: row(400, false, 'logo of the slips is no readable picture', 'The logo cannot be read. Choose another picture.', 'Logo tidak dapat dibaca. Pilih gambar lain.', 'Logo okunamıyor. Başka bir resim seçin.'),

  // Devices
  printer_absent: row(503, true, 'no printer configured or found', 'No printer. Check the cable and that it is on.', 'Printer tidak ditemukan. Periksa kabel dan dayanya.', 'Yazıcı yok. Kabloyu ve gücü kontrol edin.'),
  printer_unplugged: row(503, true, 'printer connection lost while printing', 'The printer was disconnected while printing. Plug it in; the slip can be printed again.', 'Printer terputus saat mencetak. Sambungkan; struk bisa dicetak lagi.', 'Yazdırırken yazıcı ayrıldı. Takın; fiş yeniden basılabilir.'),
  printer_paper_out: row(503, true, 'printer is out of paper', 'The printer is out of paper. Put in a new roll.', 'Kertas printer habis. Pasang gulungan baru.', 'Yazıcıda kâğıt bitti. Yeni rulo takın.'),
  printer_cover_open: row(503, true, 'printer cover is open', 'The printer cover is open. Close it.', 'Penutup printer terbuka. Tutup dahulu.', 'Yazıcının kapağı açık. Kapatın.'),
  printer_error: row(503, true, 'printer reports an error', 'The printer reports a fault. Switch it off and on.', 'Printer melaporkan gangguan. Matikan lalu nyalakan.', 'Yazıcı arıza bildiriyor. Kapatıp açın.'),
  printer_timeout: row(504, true, 'printer did not confirm in time', 'The printer did not say that it finished. Look at the slip.', 'Printer tidak mengonfirmasi selesai. Periksa struknya.', 'Yazıcı bitirdiğini bildirmedi. Fişe bakın.'),
  printer_cutter_error: row(503, true, 'printer cutter is jammed', 'The cutter is jammed. Switch the printer off, take out the paper, close the cover and switch it on.', 'Pemotong kertas macet. Matikan printer, keluarkan kertas, tutup penutupnya lalu nyalakan.', 'Kesici sıkıştı. Yazıcıyı kapatın, kâğıdı çıkarın, kapağı kapatıp yazıcıyı açın.'),
  printer_mechanical_error: row(503, true, 'printer mechanism is jammed', 'Paper is jammed in the printer. Open the cover, take it out and close the cover.', 'Kertas macet di printer. Buka penutup, keluarkan kertas lalu tutup lagi.', 'Yazıcıda kâğıt sıkıştı. Kapağı açın, kâğıdı çıkarın ve kapatın.'),
  printer_overheated: row(503, true, 'print head too hot or supply voltage wrong; recovers by itself', 'The printer is too hot. Wait some minutes; it goes on by itself.', 'Printer terlalu panas. Tunggu beberapa menit; akan lanjut sendiri.', 'Yazıcı çok ısındı. Birkaç dakika bekleyin; kendiliğinden sürer.'),
  printer_unrecoverable: row(503, true, 'printer reports an unrecoverable error', 'The printer reports a fault that it cannot mend. Switch it off and on; if it comes back, have it repaired.', 'Printer melaporkan kerusakan. Matikan lalu nyalakan; jika terulang, bawa ke servis.', 'Yazıcı gideremediği bir arıza bildiriyor. Kapatıp açın; yinelenirse servise verin.'),
  printer_feed_pressed: row(503, true, 'paper feed button is held down', 'The feed button of the printer is pressed. Let it go.', 'Tombol pengumpan printer tertekan. Lepaskan.', 'Yazıcının besleme düğmesi basılı. Bırakın.'),
  printer_offline: row(503, true, 'printer is off line and names no cause', 'The printer is off line. Look at its lamps, its cover and its paper.', 'Printer sedang offline. Periksa lampu, penutup, dan kertasnya.', 'Yazıcı çevrimdışı. Işıklarına, kapağına ve kâğıdına bakın.'),
  printer_unconfirmed: row(504, false, 'print queue took the slip and tells no more', 'The print queue took the slip. It does not say whether it was printed: look at the printer.', 'Antrean cetak menerima struk, tetapi tidak memberi tahu apakah sudah tercetak. Periksa printernya.', 'Yazdırma kuyruğu fişi aldı, basılıp basılmadığını bildirmiyor. Yazıcıya bakın.'),
  drawer_absent: row(503, true, 'no drawer connected', 'No cash drawer is connected.', 'Laci kas tidak tersambung.', 'Para çekmecesi bağlı değil.'),
  drawer_not_confirmed: row(504, false, 'drawer did not report that it opened', 'The drawer did not report that it opened. Look at it.', 'Laci tidak melaporkan terbuka. Periksa lacinya.', 'Çekmece açıldığını bildirmedi. Kontrol edin.'),
  drawer_test_refused: row(403, false, 'drawer test on a till that belongs to a shop', 'This till belongs to a shop: its drawer opens only with an approval. Ask for one under Approvals.', 'Kasir ini milik toko: laci hanya terbuka dengan persetujuan. Minta lewat Persetujuan.', 'Bu kasa bir mağazaya ait: çekmece yalnızca onayla açılır. Onaylar bölümünden isteyin.'),
  devices_not_kept: row(500, true, 'device settings could not be written', 'The settings could not be saved on this computer. Nothing was changed.', 'Pengaturan tidak dapat disimpan di komputer ini. Tidak ada yang berubah.', 'Ayarlar bu bilgisayara kaydedilemedi. Hiçbir şey değişmedi.'),
  copies_exhausted_today: row(409, false, 'copies per person and day used up', 'You have printed {{limit}} copies within a day. Ask somebody else to print this one.', 'Anda sudah mencetak {{limit}} salinan dalam sehari. Minta orang lain mencetaknya.', 'Bir günde {{limit}} kopya bastınız. Bunu başkası bassın.'),
  copy_reason_needed: row(400, false, 'policy asks for the reason of a copy', 'Say why a copy is needed.', 'Sebutkan alasan perlu salinan.', 'Kopyanın neden gerektiğini belirtin.'),
  slip_cut_off: row(504, false, 'till stopped while the slip was printing', 'The till stopped while this slip was printing. If it is not at the printer, print a copy.', 'Kasir berhenti saat struk ini dicetak. Jika tidak ada di printer, cetak salinan.', 'Bu fiş basılırken kasa durdu. Yazıcıda yoksa kopya basın.'),
  slip_out_of_date: row(409, false, 'sale was taken back before its slip printed', 'The sale was taken back before its slip was printed.', 'Penjualan dibatalkan sebelum struknya dicetak.', 'Satış, fişi basılmadan geri alındı.'),
  copies_exhausted: row(409, false, 'no more copies of this slip allowed', 'No more copies of this slip may be printed.', 'Salinan struk ini sudah mencapai batas.', 'Bu fişten başka kopya basılamaz.'),

  // Webhooks
  webhook_signature_invalid: row(401, false, 'webhook signature missing or wrong', 'The sender could not be verified.', 'Pengirim tidak dapat diverifikasi.', 'Gönderen doğrulanamadı.'),
  webhook_challenge_refused: row(403, false, 'webhook verify token wrong', 'The verify token is wrong.', 'Token verifikasi salah.', 'Doğrulama anahtarı yanlış.'),

  // WhatsApp's set-up
  whatsapp_not_set_up: row(409, false, 'WhatsApp setting {{at}} missing', 'The WhatsApp account is not set up yet: {{at}} is missing.', 'Akun WhatsApp belum disiapkan: {{at}} belum ada.', 'WhatsApp hesabı henüz kurulmadı: {{at}} eksik.'),
  whatsapp_refused: row(502, false, 'Graph API refused with code {{code}}', 'WhatsApp refused this (code {{code}}).', 'WhatsApp menolak ini (kode {{code}}).', 'WhatsApp bunu reddetti (kod {{code}}).'),
  whatsapp_unreachable: row(503, true, 'no usable answer from the Graph API', 'WhatsApp could not be reached. Try again in a moment.', 'WhatsApp tidak dapat dihubungi. Coba lagi sebentar.', "WhatsApp'a ulaşılamadı. Birazdan yeniden deneyin."),

  // The gateway's own pages, and setting WhatsApp up
  web_link_invalid: row(403, false, 'sign-in link unknown, used or expired', 'This link was used already or has ended. Make a new one on the server.', 'Tautan ini sudah dipakai atau sudah berakhir. Buat yang baru di server.', 'Bu bağlantı kullanılmış ya da süresi dolmuş. Sunucuda yenisini oluşturun.'),
  web_session_ended: row(401, false, 'no web session, or it ended', 'You are not signed in any more. Sign in again.', 'Anda tidak lagi masuk. Masuk lagi.', 'Oturumunuz kapandı. Yeniden girin.'),
  web_needs_https: row(403, false, 'sign-in over plain http', 'Over this address everybody on the way could read along. Open the page with https.', 'Melalui alamat ini orang lain bisa ikut membaca. Buka halaman dengan https.', 'Bu adreste yoldaki herkes okuyabilir. Sayfayı https ile açın.'),
  web_sign_in_wrong: row(401, false, 'web sign-in name or password wrong', 'Name or password is not right.', 'Nama atau kata sandi tidak benar.', 'Ad ya da parola yanlış.'),
  web_locked: row(429, true, 'too many wrong web passwords', 'Too many wrong tries. Wait {{seconds}} s, or sign in with a passkey.', 'Terlalu sering salah. Tunggu {{seconds}} detik, atau masuk dengan passkey.', 'Çok fazla yanlış deneme. {{seconds}} sn bekleyin ya da geçiş anahtarıyla girin.'),
  web_ticket_ended: row(409, false, 'web sign-in step unknown, used or too old', 'This sign-in took too long. Begin again.', 'Proses masuk ini terlalu lama. Mulai lagi.', 'Bu giriş çok uzun sürdü. Baştan başlayın.'),
  web_password_weak: row(422, false, 'web password can be guessed', 'This password can be guessed. Use some words that do not belong together.', 'Kata sandi ini mudah ditebak. Pakai beberapa kata yang tidak berhubungan.', 'Bu parola tahmin edilebilir. Birbiriyle ilgisiz birkaç sözcük kullanın.'),
  web_name_taken: row(409, false, 'web sign-in name taken', 'Somebody else signs in under this name. Choose another.', 'Nama ini sudah dipakai orang lain. Pilih yang lain.', 'Bu adı başkası kullanıyor. Başka bir ad seçin.'),
  web_passkey_refused: row(403, false, 'passkey answer not good', 'The passkey was not accepted. Try again, or sign in another way.', 'Passkey tidak diterima. Coba lagi, atau masuk dengan cara lain.', 'Geçiş anahtarı kabul edilmedi. Yeniden deneyin ya da başka yolla girin.'),
  web_passkey_unknown: row(403, false, 'passkey not known here', 'This passkey is not known here (any more). Sign in another way and add it again.', 'Passkey ini tidak (lagi) dikenal di sini. Masuk dengan cara lain lalu tambahkan lagi.', 'Bu geçiş anahtarı burada tanınmıyor. Başka yolla girip yeniden ekleyin.'),
  web_pages_missing: row(503, false, 'web pages were not built', 'The pages were not built. Start the gateway with "npm run cloud".', 'Halaman belum dibangun. Jalankan gateway dengan "npm run cloud".', 'Sayfalar derlenmemiş. Sunucuyu "npm run cloud" ile başlatın.'),
  account_unknown: row(404, false, 'no WhatsApp account of that id', 'There is no such WhatsApp account.', 'Akun WhatsApp itu tidak ada.', 'Böyle bir WhatsApp hesabı yok.'),
  account_number_taken: row(409, false, 'phone number id belongs to another account here', 'Another WhatsApp account here has this number already.', 'Nomor ini sudah dipakai akun WhatsApp lain di sini.', 'Bu numara burada başka bir WhatsApp hesabında kayıtlı.'),
  setup_fixed: row(409, false, 'setting {{at}} comes from the environment', "{{at}} is set in the server's environment and is changed there.", '{{at}} diatur di lingkungan server dan diubah di sana.', '{{at}} sunucunun ortamında ayarlı; orada değiştirilir.'),
  setup_app_wrong: row(409, false, 'app id and secret do not belong together', 'Meta does not know this app id with this app secret. Compare both in Settings, Basic.', 'Meta tidak mengenal ID aplikasi ini dengan rahasia aplikasi ini. Bandingkan keduanya di Settings, Basic.', 'Meta bu uygulama kimliğini bu gizli anahtarla tanımıyor. Settings, Basic altında ikisini karşılaştırın.'),
  setup_token_invalid: row(409, false, 'access token not valid', 'Meta does not take this token: it has ended, was withdrawn, or was not copied whole.', 'Meta tidak menerima token ini: sudah berakhir, dicabut, atau tidak tersalin utuh.', 'Meta bu belirteci kabul etmiyor: süresi dolmuş, geri alınmış ya da eksik kopyalanmış.'),
  setup_token_other_app: row(409, false, 'access token belongs to another app', 'This token belongs to another app than the one named here.', 'Token ini milik aplikasi lain, bukan yang disebut di sini.', 'Bu belirteç burada adı geçenden başka bir uygulamaya ait.'),
  setup_token_scopes: row(409, false, 'access token lacks {{missing}}', 'This token is not allowed enough. Make it again, with {{missing}}.', 'Izin token ini kurang. Buat lagi dengan {{missing}}.', 'Bu belirtecin izni yetersiz. {{missing}} ile yeniden oluşturun.'),
  setup_number_foreign: row(409, false, 'phone number id is not of this account', 'This number does not belong to the business account above. Copy both ids from the same page.', 'Nomor ini bukan milik akun bisnis di atas. Salin kedua ID dari halaman yang sama.', 'Bu numara yukarıdaki işletme hesabına ait değil. İki kimliği de aynı sayfadan kopyalayın.'),
  setup_webhook_https: row(409, false, 'webhook address without https', 'Meta calls only addresses with https.', 'Meta hanya memanggil alamat dengan https.', 'Meta yalnızca https adreslerini çağırır.'),
  setup_webhook_unreachable: row(409, true, 'own webhook address unreachable: {{reason}}', 'Nothing answers at this address ({{reason}}). Check the name, the certificate and the proxy.', 'Tidak ada jawaban di alamat ini ({{reason}}). Periksa nama, sertifikat, dan proksi.', 'Bu adreste yanıt yok ({{reason}}). Adı, sertifikayı ve vekil sunucuyu kontrol edin.'),
  setup_webhook_differs: row(409, false, 'own webhook address answered {{status}}, not the challenge', 'Something else answers at this address (status {{status}}): it does not lead to this gateway.', 'Yang menjawab di alamat ini bukan gateway ini (status {{status}}).', 'Bu adreste başka bir şey yanıt veriyor (durum {{status}}): bu sunucuya ulaşmıyor.'),
  setup_not_subscribed: row(409, false, 'app is not subscribed to the account', 'Meta does not send this account\'s news to the app yet.', 'Meta belum mengirim kabar akun ini ke aplikasi.', 'Meta bu hesabın haberlerini uygulamaya henüz göndermiyor.'),
  setup_not_registered: row(409, false, 'number is not registered with the Cloud API', 'The number is not registered for sending yet.', 'Nomor ini belum didaftarkan untuk mengirim.', 'Numara gönderim için henüz kayıtlı değil.'),

  // Local store
  store_failed: row(500, true, 'local database failed', "This till's disk reports a problem. No money was moved. Call the manager.", 'Disk kasir bermasalah. Tidak ada uang yang dipindahkan. Hubungi manajer.', 'Kasanın diski sorun bildiriyor. Para hareketi olmadı. Yöneticiyi arayın.'),

  // Without a line
  offline_not_allowed: row(409, false, 'policy allows no spending without a line, or no sealed codes are held', 'No connection, and this till holds no offline codes. Wait for the line.', 'Tidak ada koneksi dan kasir ini tidak punya kode luring. Tunggu koneksi.', 'Bağlantı yok ve bu kasada çevrimdışı kod yok. Hattı bekleyin.'),
  offline_balance_unknown: row(409, false, 'no cached balance of this customer, or too old', 'The balance of this customer is not known here, or is too old to spend from.', 'Saldo pelanggan ini tidak diketahui di sini atau sudah terlalu lama.', 'Bu müşterinin bakiyesi burada bilinmiyor ya da harcanamayacak kadar eski.'),
  offline_limit: row(409, false, 'offline limit {{limit}} reached', 'More than may be spent without a connection {{limit}}. Left: {{left}}.', 'Melebihi batas tanpa koneksi {{limit}}. Sisa: {{left}}.', 'Bağlantı olmadan {{limit}} harcanabilecekten fazla. Kalan: {{left}}.'),
  sealed_code_wrong: row(403, false, 'wrong sealed code', 'Wrong offline code. Tries left: {{triesLeft}}.', 'Kode luring salah. Sisa percobaan: {{triesLeft}}.', 'Çevrimdışı kod yanlış. Kalan deneme: {{triesLeft}}.'),
  sealed_code_locked: row(403, true, 'sealed codes locked after wrong ones', 'Locked after wrong offline codes. Try again in {{seconds}} s.', 'Terkunci karena kode luring salah. Coba lagi dalam {{seconds}} detik.', 'Yanlış çevrimdışı kodlar nedeniyle kilitli. {{seconds}} sn sonra yeniden deneyin.'),
  sealed_code_malformed: row(400, false, 'sealed code is not {{length}} letters and digits', 'An offline code has {{length}} letters and digits.', 'Kode luring terdiri dari {{length}} huruf dan angka.', 'Çevrimdışı kod {{length}} harf ve rakamdan oluşur.'),
  sealed_code_used: row(409, false, 'sealed code used before', 'This offline code was already used.', 'Kode luring ini sudah dipakai.', 'Bu çevrimdışı kod zaten kullanıldı.'),
  sealed_code_own: row(403, false, 'sealed code of the person who is signed in', 'Nobody may use an offline code of their own.', 'Tidak boleh memakai kode luring milik sendiri.', 'Kimse kendi çevrimdışı kodunu kullanamaz.'),
  sealed_code_unknown: row(404, false, 'sealed code was never issued to this till', 'This offline code does not belong to this till.', 'Kode luring ini bukan untuk kasir ini.', 'Bu çevrimdışı kod bu kasaya ait değil.'),
  sealed_expired: row(403, false, 'sealed codes of this till have expired', 'The offline codes have expired. New ones come with the line.', 'Kode luring sudah kedaluwarsa. Yang baru datang bersama koneksi.', 'Çevrimdışı kodların süresi doldu. Yenileri hatla birlikte gelir.'),
  sealed_untrusted: row(502, false, 'sealed bundle not genuine, foreign or older than the one in use', 'The offline codes from the server are not genuine. The ones before stay in use.', 'Kode luring dari server tidak asli. Yang sebelumnya tetap dipakai.', 'Sunucudan gelen çevrimdışı kodlar gerçek değil. Öncekiler geçerli kalır.'),
  outbox_item_unknown: row(404, false, 'no such item in the outbox', 'This entry does not exist any more.', 'Entri ini sudah tidak ada.', 'Bu kayıt artık yok.'),
  captive_portal: row(503, true, 'something between the till and the gateway answers in its place', 'The network asks for a sign-in of its own. Open a browser and sign in to the network.', 'Jaringan meminta masuk sendiri. Buka peramban dan masuk ke jaringan.', 'Ağ kendi oturumunu istiyor. Bir tarayıcı açıp ağa giriş yapın.'),
  clock_skew: row(409, true, 'till clock differs too much from the gateway', "This till's clock is wrong by {{minutes}} min. Set it right.", 'Jam kasir ini meleset {{minutes}} menit. Betulkan jamnya.', 'Bu kasanın saati {{minutes}} dk yanlış. Saati düzeltin.'),

  // The till's own disk and clock
  disk_full: row(507, true, 'disk is full', "This till's disk is full. No money moves until there is room.", 'Disk kasir penuh. Tidak ada uang yang bergerak sampai ada ruang.', 'Bu kasanın diski dolu. Yer açılana dek para hareket etmez.'),
  disk_low: row(507, true, 'disk is nearly full', "This till's disk is nearly full: {{megabytes}} MB left. Make room.", 'Disk kasir hampir penuh: sisa {{megabytes}} MB. Kosongkan ruang.', 'Bu kasanın diski dolmak üzere: {{megabytes}} MB kaldı. Yer açın.'),
  database_locked: row(503, true, 'database is locked by another program', 'Another program holds the till’s data. Close it and try again.', 'Program lain memegang data kasir. Tutup lalu coba lagi.', 'Kasanın verilerini başka bir program tutuyor. Kapatıp yeniden deneyin.'),
  database_corrupt: row(500, false, 'database fails its integrity check and no good backup was found', "This till's data is damaged and could not be restored. No money moves. Call the manager.", 'Data kasir rusak dan tidak bisa dipulihkan. Tidak ada uang yang bergerak. Hubungi manajer.', 'Bu kasanın verileri bozuk ve geri yüklenemedi. Para hareket etmez. Yöneticiyi arayın.'),
  database_recovered: row(500, false, 'a damaged database was replaced by a backup', "This till's data was damaged; a copy of {{minutes}} min before was taken. Look at the report.", 'Data kasir rusak; salinan {{minutes}} menit sebelumnya dipakai. Periksa laporan.', 'Bu kasanın verileri bozuldu; {{minutes}} dk önceki kopya alındı. Rapora bakın.'),
  chain_broken: row(500, false, 'audit chain broken at {{seq}}', "This till's record was altered or damaged at entry {{seq}}. No money moves. Call the manager.", 'Catatan kasir diubah atau rusak pada entri {{seq}}. Tidak ada uang yang bergerak. Hubungi manajer.', 'Bu kasanın kaydı {{seq}}. girişte değiştirilmiş ya da bozulmuş. Para hareket etmez. Yöneticiyi arayın.'),
  audit_head_behind: row(409, false, 'audit chain is behind what was countersigned', "This till runs on an old copy of its data. No money moves. Call the manager.", 'Kasir ini berjalan dengan salinan data lama. Tidak ada uang yang bergerak. Hubungi manajer.', 'Bu kasa eski bir veri kopyasıyla çalışıyor. Para hareket etmez. Yöneticiyi arayın.'),
  audit_head_forked: row(409, false, 'audit chain differs from what was countersigned', "This till's record differs from the one the server saw. No money moves. Call the manager.", 'Catatan kasir berbeda dari yang dilihat server. Tidak ada uang yang bergerak. Hubungi manajer.', 'Bu kasanın kaydı sunucunun gördüğünden farklı. Para hareket etmez. Yöneticiyi arayın.'),
  case_closed: row(409, false, 'step in a closed case', 'This case is closed. Open it again first.', 'Kasus ini sudah ditutup. Buka lagi terlebih dahulu.', 'Bu dosya kapalı. Önce yeniden açın.'),
  case_empty: row(409, false, 'case without events has no evidence', 'There are no events in this case yet, so there is nothing to prove.', 'Belum ada kejadian dalam kasus ini, jadi belum ada yang dapat dibuktikan.', 'Bu dosyada henüz olay yok; kanıtlanacak bir şey de yok.'),
  case_full: row(409, false, 'case has as many events as it can hold', 'A case holds {{max}} events at most. Open another one.', 'Satu kasus memuat paling banyak {{max}} kejadian. Buka kasus lain.', 'Bir dosya en çok {{max}} olay alır. Yeni bir dosya açın.'),
  manager_proof_missing: row(403, false, 'no proof of a manager, or it is over', 'Enter your PIN again to see the record.', 'Masukkan PIN lagi untuk melihat catatan.', 'Kaydı görmek için PIN’inizi yeniden girin.'),
  clock_back: row(409, false, 'wall clock was set back by {{minutes}} min', "This till's clock was set back by {{minutes}} min.", 'Jam kasir dimundurkan {{minutes}} menit.', 'Bu kasanın saati {{minutes}} dk geri alındı.'),

  // Cash sales on a shift grant
  shift_grant_missing: row(409, true, 'no shift grant with openings left', 'No openings for cash sales are left here. New ones come with the connection; until then ask for approval.', 'Jatah buka laci untuk penjualan tunai habis. Yang baru datang bersama koneksi; sampai itu minta persetujuan.', 'Nakit satış için çekmece hakkı kalmadı. Yenisi bağlantıyla gelir; o zamana dek onay isteyin.'),
  cash_sale_not_allowed: row(403, false, 'policy does not allow cash sales from the screen', 'The rules of this shop do not allow cash sales from this screen.', 'Aturan toko tidak mengizinkan penjualan tunai dari layar ini.', 'Mağaza kuralları bu ekrandan nakit satışa izin vermiyor.'),
  cash_sale_over_limit: row(409, false, 'cash sale above {{most}}', 'A cash sale may come to {{most}} at most. Ask for approval.', 'Penjualan tunai paling banyak {{most}}. Minta persetujuan.', 'Nakit satış en fazla {{most}} olabilir. Onay isteyin.'),
  cash_sale_ref_used: row(409, false, 'sale reference used before with another amount', 'The drawer was already opened for this sale, with another amount.', 'Laci sudah dibuka untuk penjualan ini dengan jumlah lain.', 'Bu satış için çekmece başka bir tutarla zaten açıldı.'),
  cash_sale_unknown: row(404, false, 'cash sale unknown', 'This cash sale is not known here.', 'Penjualan tunai ini tidak dikenal di sini.', 'Bu nakit satış burada bilinmiyor.'),

  // A cashier's shift
  cash_shift_off: row(409, false, 'policy has no shifts', 'This shop works without shifts.', 'Toko ini bekerja tanpa shift.', 'Bu mağaza vardiyasız çalışıyor.'),
  cash_shift_needed: row(409, false, 'cash sale before a shift was opened', 'Open a shift first: count the float.', 'Buka shift dulu: hitung modal kas.', 'Önce vardiya açın: kasa avansını sayın.'),
  cash_shift_none: row(409, false, 'no shift is open', 'No shift is open at this till.', 'Tidak ada shift yang terbuka di kasir ini.', 'Bu kasada açık vardiya yok.'),
  cash_shift_open: row(409, false, 'a shift is open already', 'A shift is already open at this till.', 'Sudah ada shift yang terbuka di kasir ini.', 'Bu kasada zaten açık bir vardiya var.'),
  cash_shift_other: row(403, false, 'the shift is another cashier\'s', 'The open shift is of {{name}}. Take it over first.', 'Shift yang terbuka milik {{name}}. Ambil alih dulu.', 'Açık vardiya {{name}} adına. Önce devralın.'),
  cash_count_needed: row(409, false, 'cash was not counted', 'Count the cash first.', 'Hitung uang tunai dulu.', 'Önce nakdi sayın.'),
  cash_count_malformed: row(400, false, 'count does not add up, or is not as policy wants it', 'This count does not add up. Count again.', 'Hitungan ini tidak cocok. Hitung lagi.', 'Bu sayım tutmuyor. Yeniden sayın.'),
  cash_count_stale: row(409, false, 'cash moved after the count', 'Cash moved after the count. Count again.', 'Ada uang masuk atau keluar setelah dihitung. Hitung lagi.', 'Sayımdan sonra para hareket etti. Yeniden sayın.'),
  cash_recounts_exhausted: row(409, false, 'no more recounts by policy', 'No more recounts are allowed. Go on with the last count.', 'Hitung ulang sudah mencapai batas. Lanjutkan dengan hitungan terakhir.', 'Yeniden sayım hakkı bitti. Son sayımla devam edin.'),
  cash_reason_needed: row(400, false, 'difference without its reason', 'Say why the cash is off by this much.', 'Jelaskan mengapa ada selisih sebesar ini.', 'Kasanın neden bu kadar farklı olduğunu belirtin.'),
  cash_approval_needed: row(409, false, 'difference that a supervisor has to approve', 'A supervisor has to approve this difference.', 'Selisih ini perlu disetujui supervisor.', 'Bu farkı bir süpervizörün onaylaması gerekir.'),
  cash_left_too_much: row(400, false, 'more left in the drawer than was counted', 'No more than {{most}} can stay in the drawer.', 'Paling banyak {{most}} bisa tinggal di laci.', 'Çekmecede en fazla {{most}} kalabilir.'),
  cash_move_asks: row(409, false, 'cash in or out above what goes without approval', 'This amount needs an approval.', 'Jumlah ini perlu persetujuan.', 'Bu tutar için onay gerekir.'),

  // The drawer's watch
  drawer_opening_unknown: row(404, false, 'no such opening of the drawer, or it was acknowledged before', 'This opening was already acknowledged.', 'Pembukaan laci ini sudah ditandai selesai.', 'Bu çekmece açılışı zaten onaylandı.'),
} as const satisfies Record<string, ErrorSpec>;
