using System.Collections.Frozen;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CloudPbx.Hosting;
using Microsoft.Extensions.Options;

namespace CloudPbx.Edge.Listeners;

/// <summary>The edge's certificates with their whole chains, chosen by the name that a client asks for (SNI), read again when their files change.</summary>
/// <remarks>
/// Thread-safe. A file or folder that cannot be read leaves what was there before, and is nobody else's concern. Those of the options come before those of the folder, so that no tenant's
/// certificate stands in for the installation's. Of two in the folder that bear one name the one that is valid counts, then the one that is so for longer.
/// </remarks>
internal sealed partial class CertificateStore
{
    private readonly EdgeCertificateFiles[] _files;
    private readonly Func<IReadOnlyList<EdgeCertificateFiles>> _list;
    private readonly TimeProvider _time;
    private readonly ILogger<CertificateStore> _logger;
    private readonly Lock _gate = new();        // one reload at a time
    private IReadOnlyList<EdgeCertificateFiles> _inFolder = [];
    private string? _folderFault;
    private OrderedDictionary<string, Known> _known = [];   // by the certificate's path; the options' come first
    private DateTime _turn = DateTime.MaxValue;             // when one of them begins or ceases to be valid, UTC
    private volatile Loaded? _loaded;

    public CertificateStore(IOptions<EdgeOptions> options, TimeProvider time, ILogger<CertificateStore> logger)
        : this(options.Value, options.Value.CertificateFolder is { } folder ? new CertificateFolder(folder).List : () => [], time, logger)
    {
    }

    /// <summary>Reads the certificates of the options and those that a list gives in place of the folder.</summary>
    internal CertificateStore(EdgeOptions options, Func<IReadOnlyList<EdgeCertificateFiles>> list, TimeProvider time, ILogger<CertificateStore> logger)
    {
        _logger = logger;
        _list = list;
        _time = time;
        _files = options.CertificatePath is { } path
            ? [new EdgeCertificateFiles { CertificatePath = path, KeyPath = options.KeyPath }, .. options.Certificates]
            : [.. options.Certificates];
        IsConfigured = _files.Length > 0 || options.CertificateFolder is not null;
        Reload();
    }

    /// <summary>Whether there may be a certificate, now or later: the options name one, or a folder of them.</summary>
    public bool IsConfigured { get; }

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

    /// <summary>Reads the files again that have changed, and those that are new. Whatever goes wrong is told, and leaves what was there before.</summary>
    public void Reload()
    {
        lock (_gate)
        {
            try
            {
                ReadAll();
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                LogFault(fault);
            }
        }
    }

    private void ReadAll()
    {
        _inFolder = FilesInFolder() ?? _inFolder;
        OrderedDictionary<string, Known> known = [];
        bool isChanged = _time.GetUtcNow().UtcDateTime >= _turn;
        foreach (EdgeCertificateFiles files in (IEnumerable<EdgeCertificateFiles>)[.. _files, .. _inFolder])
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

    // Of one fault that lasts is told once.
    private IReadOnlyList<EdgeCertificateFiles>? FilesInFolder()
    {
        try
        {
            IReadOnlyList<EdgeCertificateFiles> files = _list();
            _folderFault = null;
            return files;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            if (_folderFault != fault.Message)
                LogUnreadable(fault.Message);
            _folderFault = fault.Message;
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
            return new Known(stamp, new Certificate(CertificateFiles.Read(files.CertificatePath, files.KeyPath)), true);
        }
        catch (Exception fault) when (fault is IOException or CryptographicException)
        {
            if (former?.Stamp != stamp)
                LogUnreadable(fault is IOException ? fault.Message : $"The names in the certificate {files.CertificatePath} cannot be read: {fault.Message}");
            return new Known(stamp, former?.Certificate, false);
        }
    }

    private void Take()
    {
        HashSet<string> paths = [.. _files.Select(files => files.CertificatePath)];
        DateTime now = _time.GetUtcNow().UtcDateTime;
        Dictionary<string, SslStreamCertificateContext> byName = new(StringComparer.OrdinalIgnoreCase), ofOptions = new(StringComparer.OrdinalIgnoreCase);
        List<Certificate> inFolder = [];
        Certificate? first = null;
        _turn = DateTime.MaxValue;
        foreach ((string path, Known known) in _known)
        {
            if (known.Certificate is not { } certificate)
                continue;
            first ??= certificate;
            _turn = new[] { certificate.From, certificate.Until }.Where(instant => instant > now).Append(_turn).Min();
            if (!paths.Contains(path))
            {
                inFolder.Add(certificate);
                continue;
            }
            foreach (string name in certificate.Names)
                _ = ofOptions.TryAdd(name, certificate.Context) && byName.TryAdd(name, certificate.Context);
        }
        foreach (Certificate certificate in inFolder.OrderByDescending(certificate => certificate.IsValid(now)).ThenByDescending(certificate => certificate.Until))
        {
            foreach (string name in certificate.Names)
                byName.TryAdd(name, certificate.Context);
        }
        _loaded = first is null ? null : new Loaded(first.Context, byName.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), ofOptions.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase));
        if (first is not null)
            LogLoaded(_known.Count, first.Context.TargetCertificate.Subject, first.Until);
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

    [LoggerMessage(LogLevel.Information, "Loaded {Count} certificates; the default is {Subject}, valid until {NotAfter:u}")]
    private partial void LogLoaded(int count, string subject, DateTime notAfter);

    [LoggerMessage(LogLevel.Error, "{Reason}")]
    private partial void LogUnreadable(string reason);

    [LoggerMessage(LogLevel.Error, "The certificates could not be read again; those of before go on")]
    private partial void LogFault(Exception fault);

    private sealed record Known(DateTime Stamp, Certificate? Certificate, bool IsGood);

    /// <summary>A certificate and what it says of itself: a list of names that is malformed throws here.</summary>
    private sealed class Certificate(SslStreamCertificateContext context)
    {
        public SslStreamCertificateContext Context { get; } = context;

        public IReadOnlyList<string> Names { get; } = [.. context.TargetCertificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(extension => extension.EnumerateDnsNames())];

        public DateTime From { get; } = context.TargetCertificate.NotBefore.ToUniversalTime();

        public DateTime Until { get; } = context.TargetCertificate.NotAfter.ToUniversalTime();

        public bool IsValid(DateTime now) => From <= now && now < Until;
    }

    private sealed record Loaded(SslStreamCertificateContext Default, FrozenDictionary<string, SslStreamCertificateContext> ByName, FrozenDictionary<string, SslStreamCertificateContext> OfOptions);
}
