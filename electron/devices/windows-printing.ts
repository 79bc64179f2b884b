import type { Ran, RunProgram } from './run-program.ts';

/**
 * Windows' print queues by PowerShell, which every Windows has. The script is one of the constants here; what it works on
 * travels beside it as JSON on standard input and is never part of any script text or command line.
 */

/** Reads `{script, args}` from standard input and runs the script with `$p` as its arguments. */
const BOOTSTRAP = [
  "$ErrorActionPreference = 'Stop'",
  '$ProgressPreference = "SilentlyContinue"',
  '[Console]::InputEncoding = [Text.Encoding]::UTF8',
  '[Console]::OutputEncoding = [Text.Encoding]::UTF8',
  '$in = [Console]::In.ReadToEnd() | ConvertFrom-Json',
  '& ([scriptblock]::Create($in.script)) $in.args',
].join('; ');

/** Starting PowerShell and compiling the calls takes seconds on a slow till. */
const TIMEOUT_MS = 20_000;

export function runPowerShell(
  run: RunProgram,
  script: string,
  args: Readonly<Record<string, string>>,
): Promise<Ran> {
  const encoded = Buffer.from(BOOTSTRAP, 'utf16le').toString('base64');
  const flags = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass'];
  const input = Buffer.from(JSON.stringify({ script, args }), 'utf8');
  return run('powershell.exe', [...flags, '-EncodedCommand', encoded], { input, timeoutMs: TIMEOUT_MS });
}

/** `$p.queue`, `$p.data` (base64): one raw document; prints the job's number. */
export const PRINT_RAW = `param($p)
Add-Type -TypeDefinition @'
using System;
using System.ComponentModel;
using System.Runtime.InteropServices;
public static class SaksiRawPrint {
  [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
  public class DocInfo {
    [MarshalAs(UnmanagedType.LPWStr)] public string Name;
    [MarshalAs(UnmanagedType.LPWStr)] public string Output;
    [MarshalAs(UnmanagedType.LPWStr)] public string DataType;
  }
  [DllImport("winspool.drv", EntryPoint = "OpenPrinterW", SetLastError = true, CharSet = CharSet.Unicode)]
  static extern bool OpenPrinter(string name, out IntPtr printer, IntPtr defaults);
  [DllImport("winspool.drv", SetLastError = true)] static extern bool ClosePrinter(IntPtr printer);
  [DllImport("winspool.drv", EntryPoint = "StartDocPrinterW", SetLastError = true, CharSet = CharSet.Unicode)]
  static extern int StartDocPrinter(IntPtr printer, int level, [In] DocInfo doc);
  [DllImport("winspool.drv", SetLastError = true)] static extern bool EndDocPrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)] static extern bool StartPagePrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)] static extern bool EndPagePrinter(IntPtr printer);
  [DllImport("winspool.drv", SetLastError = true)]
  static extern bool WritePrinter(IntPtr printer, byte[] bytes, int count, out int written);
  static void Check(bool ok) { if (!ok) throw new Win32Exception(Marshal.GetLastWin32Error()); }
  public static int Send(string name, byte[] bytes) {
    IntPtr printer;
    Check(OpenPrinter(name, out printer, IntPtr.Zero));
    try {
      int job = StartDocPrinter(printer, 1, new DocInfo { Name = "Saksi", DataType = "RAW" });
      Check(job != 0);
      try {
        Check(StartPagePrinter(printer));
        int written;
        Check(WritePrinter(printer, bytes, bytes.Length, out written));
        if (written != bytes.Length) throw new Exception("the queue took " + written + " of " + bytes.Length + " bytes");
        Check(EndPagePrinter(printer));
      } finally { EndDocPrinter(printer); }
      return job;
    } finally { ClosePrinter(printer); }
  }
}
'@
[SaksiRawPrint]::Send($p.queue, [Convert]::FromBase64String($p.data))`;

/** `$p.queue`: prints what the queue says of itself, as Get-Printer words it. */
export const QUEUE_STATUS = `param($p)
$found = Get-Printer | Where-Object { $_.Name -eq $p.queue }
if (-not $found) { throw 'no such print queue' }
"$($found.PrinterStatus)"`;

/** Prints all queues as a JSON list of name, port and driver. */
export const LIST_QUEUES = `param($p)
ConvertTo-Json -Compress @(Get-Printer | Select-Object Name, PortName, DriverName)`;
