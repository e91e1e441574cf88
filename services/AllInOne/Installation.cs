using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using CloudPbx.Hosting;

namespace CloudPbx.AllInOne;

/// <summary>
/// The data folder of one installation: where everything lies that has to survive, and how the commands find the process that runs on it.
/// </summary>
/// <param name="Folder">Absolute path.</param>
internal sealed record Installation(string Folder)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string Database => Path.Combine(Folder, "cloudpbx.db");
    public string LiveState => Path.Combine(Folder, "live");
    public string Tls => Path.Combine(Folder, "tls");

    /// <summary>The certificates of tenants' own domains, which the operator puts there: the edges take them up by themselves.</summary>
    public string DomainCertificates => Path.Combine(Tls, "domains");
    public string Spool => Path.Combine(Folder, "spool");
    public string Recordings => Path.Combine(Folder, "recordings");
    public string Blobs => Path.Combine(Folder, "blobs");
    public string OperatorToken => Path.Combine(Folder, "operator.token");
    public string PortalSecret => Path.Combine(Folder, "portal.secret");
    public string FirstLink => Path.Combine(Folder, "operator.link");
    public string PlatformKey => Path.Combine(Folder, "platform.key");
    public string CookieKeys => Path.Combine(Folder, "cookie-keys");
    public string Stores => Path.Combine(Folder, "stores");
    public string Logs => Path.Combine(Folder, "log");
    public string ClusterFile => Path.Combine(Folder, "cluster.json");
    private string RunFile => Path.Combine(Folder, "run.json");
    private string LockFile => Path.Combine(Folder, "lock");

    /// <summary>The secret by which the portal authenticates at Identity, made at the first start.</summary>
    public string ReadPortalSecret() => SecretFile.ReadOrCreate(PortalSecret, () => RandomNumberGenerator.GetHexString(64, lowercase: true));

    /// <summary>Opens (and if need be makes) the folder, and holds it against a second process until the result is disposed.</summary>
    /// <exception cref="StartException">It cannot be written, or another process runs on it.</exception>
    public IDisposable Claim()
    {
        try
        {
            Directory.CreateDirectory(Folder);
            return new FileStream(LockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException)
        {
            throw new StartException($"The data folder {Folder} cannot be written: {e.Message} Choose another with --data DIR.");
        }
        catch (IOException) when (File.Exists(LockFile))
        {
            throw new StartException($"Another process already runs on the data folder {Folder}. Stop it, or choose another with --data DIR.");
        }
        catch (IOException e)
        {
            throw new StartException($"The data folder {Folder} cannot be used: {e.Message} Choose another with --data DIR.");
        }
    }

    /// <summary>Says where the running process is reached.</summary>
    public void Announce(RunningInstallation running) => File.WriteAllText(RunFile, JsonSerializer.Serialize(running, s_json));

    /// <summary>Takes the announcement back.</summary>
    public void Withdraw() => File.Delete(RunFile);

    /// <summary>The process that runs on this folder; <see langword="null"/> when there is none.</summary>
    public RunningInstallation? FindRunning()
    {
        try
        {
            RunningInstallation? running = JsonSerializer.Deserialize<RunningInstallation>(File.ReadAllText(RunFile), s_json);
            if (running is null) return null;
            using var process = Process.GetProcessById(running.ProcessId);      // a killed process leaves its file behind
            return running;
        }
        catch (Exception e) when (e is IOException or JsonException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>How a running installation is reached.</summary>
/// <param name="ProcessId">The main process.</param>
/// <param name="MediaProcessId">The media child at the time of the start; it may have been replaced since.</param>
/// <param name="ApiSocket">Unix socket of the REST API, for the commands on this machine.</param>
/// <param name="HttpsPort">Port of the REST API for others.</param>
/// <param name="SipPort">UDP and TCP.</param>
/// <param name="TlsPort">SIP over TLS.</param>
/// <param name="CertificateAuthority">PEM file for phones that verify; <see langword="null"/> when the operator brought a certificate.</param>
internal sealed record RunningInstallation(
    int ProcessId, int MediaProcessId, string ApiSocket, int HttpsPort, int SipPort, int TlsPort, string? CertificateAuthority);
