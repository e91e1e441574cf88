using System.Net;
using CloudPbx.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CloudPbx.Media.Control;

/// <summary>Has Kestrel listen where controllers connect: HTTP/2 without TLS, on loopback or a Unix socket.</summary>
internal static class ControlListener
{
    public static void Configure(KestrelServerOptions kestrel, MediaOptions options)
    {
        kestrel.AddServerHeader = false;
        // A controller's machine that vanished is noticed within 10 s; its sessions then wait for it.
        kestrel.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(5);
        kestrel.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(5);
        kestrel.Limits.MinRequestBodyDataRate = null; // a stream without commands is a quiet hour, not an attack
        var control = new Uri(options.Control);
        if (control.Scheme == "unix")
        {
            UnixSocketFile.RemoveStale(control.LocalPath);
            kestrel.ListenUnixSocket(control.LocalPath, listen => listen.Protocols = HttpProtocols.Http2);
        }
        else if (control.Host == "localhost")
            kestrel.ListenLocalhost(control.Port, listen => listen.Protocols = HttpProtocols.Http2);
        else
            kestrel.Listen(IPAddress.Parse(control.Host.Trim('[', ']')), control.Port, listen => listen.Protocols = HttpProtocols.Http2);
    }
}
