using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CloudPbx.AllInOne.Certificates;

/// <summary>
/// The files that TLS listeners read: the operator's own, or a pair that our authority signs and renews in time.
/// Listeners watch the files, so a renewal needs no restart.
/// </summary>
internal sealed partial class ServerCertificate : BackgroundService
{
    /// <summary>Renewed this long before its end, so that a machine that is off for some weeks still starts with a valid one.</summary>
    internal static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);

    private static readonly TimeSpan s_checkEvery = TimeSpan.FromHours(12);

    private readonly CertificateAuthority? _authority;
    private readonly Func<ServerNames> _names;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private ServerCertificate(string certificatePath, string keyPath, CertificateAuthority? authority, Func<ServerNames> names, TimeProvider time, ILogger logger)
    {
        (CertificatePath, KeyPath, _authority, _names, _time, _logger) = (certificatePath, keyPath, authority, names, time, logger);
    }

    /// <summary>PEM: the server's certificate, then its chain.</summary>
    public string CertificatePath { get; }

    /// <summary>PEM: the private key.</summary>
    public string KeyPath { get; }

    /// <summary>The authority's certificate to give to phones; <see langword="null"/> when the operator brought a certificate.</summary>
    public string? AuthorityPath => _authority?.CertificatePath;

    /// <summary>Uses the operator's files.</summary>
    /// <exception cref="StartException">A file is missing or the two do not fit together; the message says which.</exception>
    public static ServerCertificate FromFiles(string certificatePath, string keyPath, TimeProvider time, ILogger logger)
    {
        try
        {
            using X509Certificate2 pair = X509Certificate2.CreateFromPemFile(certificatePath, keyPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"Cannot read the certificate {certificatePath} with its key {keyPath}: {e.Message}");
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new StartException($"{certificatePath} and {keyPath} are not a PEM certificate and its private key: {e.Message}");
        }
        return new ServerCertificate(Path.GetFullPath(certificatePath), Path.GetFullPath(keyPath), null, () => throw new InvalidOperationException(), time, logger);
    }

    /// <summary>Uses a pair in <paramref name="folder"/> signed by the authority there; makes what is missing.</summary>
    public static ServerCertificate FromOwnAuthority(string folder, Func<ServerNames> names, TimeProvider time, ILogger logger)
    {
        Directory.CreateDirectory(folder);
        var authority = CertificateAuthority.OpenOrCreate(folder, time);
        var certificate = new ServerCertificate(Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"), authority, names, time, logger);
        certificate.RenewIfDue();
        return certificate;
    }

    /// <summary>Signs a new certificate when there is none, when the old one ends soon, or when the machine has got a new name or address.</summary>
    /// <returns>Whether a new one was written.</returns>
    internal bool RenewIfDue()
    {
        if (_authority is null) return false;
        ServerNames names = _names();
        if (File.Exists(CertificatePath) && File.Exists(KeyPath))
        {
            using X509Certificate2 current = X509Certificate2.CreateFromPemFile(CertificatePath, KeyPath);
            if (current.NotAfter.ToUniversalTime() - _time.GetUtcNow().UtcDateTime > RenewBefore && names.AreCoveredBy(current)) return false;
        }
        _authority.Issue(names, CertificatePath, KeyPath);
        LogIssued(CertificatePath, string.Join(", ", names.Dns.Concat(names.Addresses.Select(a => a.ToString()))));
        return true;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (_authority is null) return;
        using var timer = new PeriodicTimer(s_checkEvery, _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                RenewIfDue();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                LogNotRenewed(e);       // the old one still serves; tried again at the next tick
            }
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _authority?.Dispose();
        base.Dispose();
    }

    [LoggerMessage(LogLevel.Information, "Signed a server certificate, {Path}, for {Names}")]
    private partial void LogIssued(string path, string names);

    [LoggerMessage(LogLevel.Error, "The server certificate could not be renewed")]
    private partial void LogNotRenewed(Exception exception);
}
