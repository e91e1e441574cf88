using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.AllInOne.Certificates;
using CloudPbx.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace CloudPbx.AllInOne;

/// <summary>Where the REST API listens: HTTPS for everybody, a Unix socket for the commands on this machine.</summary>
internal static class ApiListeners
{
    /// <summary>Looks whether the HTTPS port is free, before anything has begun that would have to end again; chooses a free one where any will do.</summary>
    /// <returns>The options with the port, which tokens and links name and so has to be known now.</returns>
    /// <exception cref="StartException">It is not.</exception>
    public static RunOptions CheckPort(RunOptions options)
    {
        if (options.HttpsPort == 0) return options with { HttpsPort = FreeTcpPort.OtherThan([options.SipPort, options.TlsPort]) };
        foreach (IPAddress address in Addresses(options))
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                probe.Bind(new IPEndPoint(address, options.HttpsPort));
                probe.Listen(1);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                throw new StartException($"Another program listens on TCP port {options.HttpsPort} of {address} already; stop it or choose another with --https-port.");
            }
            catch (SocketException)
            {
                // Kestrel knows what to do without IPv6, and says what it cannot.
            }
        }
        return options;
    }

    public static void Configure(WebApplicationBuilder builder, RunOptions options, string socket, ServerCertificate certificate)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenUnixSocket(socket);
            foreach (IPAddress address in Addresses(options))
                kestrel.Listen(address, options.HttpsPort, listener => listener.UseHttps(https => https.ServerCertificateSelector = new ReloadedCertificate(certificate).Select));
        });
    }

    /// <summary>The HTTPS port that was bound.</summary>
    public static int HttpsPort(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Where(a => a.StartsWith("https://", StringComparison.Ordinal)).Select(a => BindingAddress.Parse(a).Port).First();

    private static IReadOnlyList<IPAddress> Addresses(RunOptions options) => options.Bind.Count > 0 ? options.Bind : [IPAddress.IPv6Any];

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
