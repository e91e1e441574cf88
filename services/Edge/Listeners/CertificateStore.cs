using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>The edge's certificates with their whole chains, chosen by the name that a client asks for (SNI), read again when their files change.</summary>
/// <remarks>Thread-safe. A file that cannot be read leaves what was there before.</remarks>
internal sealed partial class CertificateStore
{
    private readonly EdgeCertificateFiles[] _files;
    private readonly ILogger<CertificateStore> _logger;
    private readonly Lock _gate = new();        // one reload at a time
    private DateTime[] _stamps;
    private volatile Loaded? _loaded;

    public CertificateStore(IOptions<EdgeOptions> options, ILogger<CertificateStore> logger)
    {
        EdgeOptions edge = options.Value;
        _logger = logger;
        _files = edge.CertificatePath is { } path
            ? [new EdgeCertificateFiles { CertificatePath = path, KeyPath = edge.KeyPath }, .. edge.Certificates]
            : [.. edge.Certificates];
        _stamps = new DateTime[_files.Length];
        Reload();
    }

    /// <summary>Whether there is any certificate, so that TLS can be spoken.</summary>
    public bool IsAny => _loaded is not null;

    /// <summary>The names in the certificates, wildcards included.</summary>
    public IEnumerable<string> Names => _loaded?.ByName.Keys.AsEnumerable() ?? [];

    /// <summary>The host names in the certificates; no wildcards.</summary>
    public IEnumerable<string> HostNames => Names.Where(name => name[0] != '*');

    /// <summary>The certificate for a name.</summary>
    /// <param name="serverName">What the client asked for, perhaps nothing.</param>
    /// <returns>The certificate of that name or its wildcard; else the default one, which comes first in the options. Null when there is none.</returns>
    public SslStreamCertificateContext? Find(string? serverName) =>
        (string.IsNullOrEmpty(serverName) ? null : FindNamed(serverName)) ?? _loaded?.Default;

    /// <summary>The certificate that bears a name, itself or by a wildcard; null when none does.</summary>
    /// <param name="name">A host name.</param>
    public SslStreamCertificateContext? FindNamed(string name)
    {
        if (_loaded is not { } loaded)
            return null;
        if (loaded.ByName.TryGetValue(name, out SslStreamCertificateContext? exact))
            return exact;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && loaded.ByName.TryGetValue("*" + name[dot..], out SslStreamCertificateContext? wildcard) ? wildcard : null;
    }

    /// <summary>Reads the files again if any has changed.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            DateTime[] stamps = [.. _files.Select(Stamp)];
            if (stamps.AsSpan().SequenceEqual(_stamps))
                return;
            var byName = new Dictionary<string, SslStreamCertificateContext>(StringComparer.OrdinalIgnoreCase);
            SslStreamCertificateContext? first = null;
            foreach (EdgeCertificateFiles files in _files)
            {
                if (TryLoad(files) is not { } context)
                    return;         // half-written files are read again at the next look
                first ??= context;
                foreach (string name in NamesIn(context.TargetCertificate))
                    byName.TryAdd(name, context);
            }
            _stamps = stamps;
            if (first is null)
                return;
            _loaded = new Loaded(first, byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
            LogLoaded(_files.Length, first.TargetCertificate.Subject, first.TargetCertificate.NotAfter);
        }
    }

    private static DateTime Stamp(EdgeCertificateFiles files)
    {
        DateTime certificate = File.GetLastWriteTimeUtc(files.CertificatePath);
        DateTime key = files.KeyPath is null ? certificate : File.GetLastWriteTimeUtc(files.KeyPath);
        return certificate > key ? certificate : key;
    }

    private SslStreamCertificateContext? TryLoad(EdgeCertificateFiles files)
    {
        try
        {
            return CertificateFiles.Read(files.CertificatePath, files.KeyPath);
        }
        catch (IOException fault)
        {
            LogUnreadable(fault.Message);
            return null;
        }
    }

    private static IEnumerable<string> NamesIn(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames());

    [LoggerMessage(LogLevel.Information, "Loaded {Count} certificates; the default is {Subject}, valid until {NotAfter:u}")]
    private partial void LogLoaded(int count, string subject, DateTime notAfter);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogUnreadable(string reason);

    private sealed record Loaded(SslStreamCertificateContext Default, FrozenDictionary<string, SslStreamCertificateContext> ByName);
}
