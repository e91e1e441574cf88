using System.Net;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.AllInOne.Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CloudPbx.AllInOne;

/// <summary>Where the REST API listens: HTTPS for everybody, a Unix socket for the commands on this machine.</summary>
internal static class ApiListeners
{
    public static void Configure(WebApplicationBuilder builder, RunOptions options, string socket, ServerCertificate certificate)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(socket);
            foreach (IPAddress address in options.Bind.Count > 0 ? options.Bind : [IPAddress.IPv6Any])
                kestrel.Listen(address, options.HttpsPort, listener => listener.UseHttps(https => https.ServerCertificateSelector = new ReloadedCertificate(certificate).Select));
        });
    }

    /// <summary>The HTTPS port that was bound.</summary>
    public static int HttpsPort(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Where(a => a.StartsWith("https://", StringComparison.Ordinal)).Select(a => BindingAddress.Parse(a).Port).First();

    /// <summary>The certificate in the files, read again when they have changed.</summary>
    private sealed class ReloadedCertificate(ServerCertificate files)
    {
        private readonly Lock _gate = new();        // handshakes come from many threads; reading twice would leak one
        private X509Certificate2? _current;
        private DateTime _written;

        public X509Certificate2 Select(Microsoft.AspNetCore.Connections.ConnectionContext? connection, string? name)
        {
            DateTime written = File.GetLastWriteTimeUtc(files.CertificatePath);
            lock (_gate)
            {
                if (_current is null || written != _written)
                {
                    _current = X509Certificate2.CreateFromPemFile(files.CertificatePath, files.KeyPath);
                    _written = written;
                }
                return _current;
            }
        }
    }
}
