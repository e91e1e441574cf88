using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>The edge's certificates with their whole chains, chosen by the name that a client asks for (SNI), read again when their files change.</summary>
/// <remarks>
/// Thread-safe. A file that cannot be read leaves what was there before, and is nobody else's concern. Those of the options come before those of the folder, so that no tenant's
/// certificate stands in for the installation's.
/// </remarks>
internal sealed partial class CertificateStore
{
    private readonly EdgeCertificateFiles[] _files;
    private readonly CertificateFolder? _folder;
    private readonly ILogger<CertificateStore> _logger;
    private readonly Lock _gate = new();        // one reload at a time
    private OrderedDictionary<string, Known> _known = [];   // by the certificate's path; the options' come first
    private volatile Loaded? _loaded;

    public CertificateStore(IOptions<EdgeOptions> options, ILogger<CertificateStore> logger)
    {
        EdgeOptions edge = options.Value;
        _logger = logger;
        _files = edge.CertificatePath is { } path
            ? [new EdgeCertificateFiles { CertificatePath = path, KeyPath = edge.KeyPath }, .. edge.Certificates]
            : [.. edge.Certificates];
        _folder = edge.CertificateFolder is { } folder ? new CertificateFolder(folder) : null;
        Reload();
    }

    /// <summary>Whether there is any certificate, so that TLS can be spoken.</summary>
    public bool IsAny => _loaded is not null;

    /// <summary>The names in the options' certificates, wildcards included. What is in the folder may be any tenant's.</summary>
    public IEnumerable<string> Names => _loaded?.OfOptions.Keys.AsEnumerable() ?? [];

    /// <summary>The host names in the options' certificates; no wildcards.</summary>
    public IEnumerable<string> HostNames => Names.Where(name => name[0] != '*');

    /// <summary>The certificate for a name.</summary>
    /// <param name="serverName">What the client asked for, perhaps nothing.</param>
    /// <returns>The certificate of that name or its wildcard; else the default one: the first of the options, or where none of those can be read the first of all. Null when there is none.</returns>
    public SslStreamCertificateContext? Find(string? serverName) =>
        _loaded is not { } loaded ? null : (string.IsNullOrEmpty(serverName) ? null : Find(loaded.ByName, serverName)) ?? loaded.Default;

    /// <summary>The certificate of the options that bears a name, itself or by a wildcard; null when none does. One of the folder is shown to nobody for us: its domain may be another tenant's.</summary>
    /// <param name="name">A host name.</param>
    public SslStreamCertificateContext? FindNamed(string name) => _loaded is { } loaded ? Find(loaded.OfOptions, name) : null;

    private static SslStreamCertificateContext? Find(FrozenDictionary<string, SslStreamCertificateContext> certificates, string name)
    {
        if (certificates.TryGetValue(name, out SslStreamCertificateContext? exact))
            return exact;
        int dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && certificates.TryGetValue("*" + name[dot..], out SslStreamCertificateContext? wildcard) ? wildcard : null;
    }

    /// <summary>Reads the files again that have changed, and those that are new.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            if (FilesInFolder() is not { } inFolder)
                return;
            OrderedDictionary<string, Known> known = [];
            bool isChanged = false;
            foreach (EdgeCertificateFiles files in (IEnumerable<EdgeCertificateFiles>)[.. _files, .. inFolder])
            {
                _known.TryGetValue(files.CertificatePath, out Known? former);
                Known now = Read(files, former);
                isChanged |= now.Certificate != former?.Certificate;
                known.TryAdd(files.CertificatePath, now);
            }
            isChanged |= _known.Keys.Any(path => !known.ContainsKey(path));
            _known = known;
            if (isChanged)
                Take();
        }
    }

    private IReadOnlyList<EdgeCertificateFiles>? FilesInFolder()
    {
        try
        {
            return _folder?.List() ?? [];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogUnreadable(fault.Message);
            return null;
        }
    }

    // A half-written file is read again at the next look, and told of once.
    private Known Read(EdgeCertificateFiles files, Known? former)
    {
        DateTime stamp = Stamp(files);
        if (former is { IsGood: true } && former.Stamp == stamp)
            return former;
        try
        {
            return new Known(stamp, CertificateFiles.Read(files.CertificatePath, files.KeyPath), true);
        }
        catch (IOException fault)
        {
            if (former?.Stamp != stamp)
                LogUnreadable(fault.Message);
            return new Known(stamp, former?.Certificate, false);
        }
    }

    private void Take()
    {
        HashSet<string> paths = [.. _files.Select(files => files.CertificatePath)];
        Dictionary<string, SslStreamCertificateContext> byName = new(StringComparer.OrdinalIgnoreCase), ofOptions = new(StringComparer.OrdinalIgnoreCase);
        SslStreamCertificateContext? first = null;
        foreach ((string path, Known known) in _known)
        {
            if (known.Certificate is not { } context)
                continue;
            first ??= context;
            foreach (string name in NamesIn(context.TargetCertificate))
            {
                byName.TryAdd(name, context);
                if (paths.Contains(path))
                    ofOptions.TryAdd(name, context);
            }
        }
        _loaded = first is null ? null : new Loaded(first, byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), ofOptions.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
        if (first is not null)
            LogLoaded(_known.Count, first.TargetCertificate.Subject, first.TargetCertificate.NotAfter);
    }

    private static DateTime Stamp(EdgeCertificateFiles files)
    {
        DateTime certificate = Written(files.CertificatePath);
        DateTime key = files.KeyPath is null ? certificate : Written(files.KeyPath);
        return certificate > key ? certificate : key;
    }

    // What a link leads to changes without it: certbot's, a secret's that is mounted.
    private static DateTime Written(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.LastWriteTimeUtc : File.GetLastWriteTimeUtc(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return default;                                       // reading it tells why
        }
    }

    private static IEnumerable<string> NamesIn(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames());

    [LoggerMessage(LogLevel.Information, "Loaded {Count} certificates; the default is {Subject}, valid until {NotAfter:u}")]
    private partial void LogLoaded(int count, string subject, DateTime notAfter);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogUnreadable(string reason);

    private sealed record Known(DateTime Stamp, SslStreamCertificateContext? Certificate, bool IsGood);

    private sealed record Loaded(SslStreamCertificateContext Default, FrozenDictionary<string, SslStreamCertificateContext> ByName, FrozenDictionary<string, SslStreamCertificateContext> OfOptions);
}
