; What the till still has to tell the gateway, and its record, lie in its data folder, which stays: deleteAppDataOnUninstall is off.
!macro customUnInit
  MessageBox MB_OKCANCEL|MB_ICONEXCLAMATION "Saksi: make sure that the till shows nothing unsent before you go on. Its data folder is kept.$\r$\n$\r$\nPastikan tidak ada yang belum terkirim di kasir sebelum melanjutkan. Folder datanya tetap disimpan.$\r$\n$\r$\nDevam etmeden önce kasada gönderilmemiş bir şey kalmadığından emin olun. Veri klasörü saklanır." /SD IDOK IDOK saksi_go_on
  Quit
  saksi_go_on:
!macroend
