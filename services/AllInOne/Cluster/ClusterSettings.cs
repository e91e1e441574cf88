using System.Net;
using CloudPbx.AllInOne.Certificates;
using CloudPbx.AllInOne.Embedded;
using CloudPbx.Data.Postgres;

namespace CloudPbx.AllInOne.Cluster;

/// <summary>What each service of a <see cref="LocalCluster"/> is told, by the names of its options.</summary>
internal sealed class ClusterSettings(
    ClusterOptions options, Installation installation, StoreServers stores, SocketFolder sockets, ServerCertificate certificate, Func<string, string> connection, ClusterPorts ports)
{
    /// <summary>Where it is reached.</summary>
    public ClusterPorts Ports => ports;

    /// <summary>The one-shot that brings the schema up to date, as the tables' owner.</summary>
    public Dictionary<string, string?> Migration()
    {
        Dictionary<string, string?> settings = Common("migrate");
        settings["Postgres:Connection"] = connection(PostgresRoles.App);
        settings["Postgres:OwnerConnection"] = connection(PostgresRoles.Owner);
        return settings;
    }

    /// <summary>The REST API: HTTPS for everybody, a Unix socket for the commands on this machine.</summary>
    public Dictionary<string, string?> Api()
    {
        Dictionary<string, string?> settings = Database("api");
        settings["ASPNETCORE_URLS"] = null;                                      // Kestrel's endpoints say it all
        settings["Kestrel:Endpoints:Socket:Url"] = $"http://unix:{sockets.Api}";
        settings["Kestrel:Endpoints:Https:Url"] = $"https://{(options.Run.Bind is [var only] ? Host(only) : "*")}:{ports.Https}";
        settings["Kestrel:Endpoints:Https:Certificate:Path"] = certificate.CertificatePath;
        settings["Kestrel:Endpoints:Https:Certificate:KeyPath"] = certificate.KeyPath;
        settings["Postgres:PlatformConnection"] = connection(PostgresRoles.Platform);
        settings["OperatorToken:Path"] = installation.OperatorToken;
        settings["Blobs:Folder"] = installation.Blobs;
        settings["PublicUrl"] = PublicUrl;
        settings["SignUp:Domain"] = options.Run.SignUpDomain();
        settings["Domains:SipHost"] = options.Run.SipHost();
        settings["Domains:SipPort"] = $"{ports.Sip}";
        settings["Domains:TlsPort"] = $"{ports.Tls}";
        settings["Forward:Identity"] = sockets.Of("identity");
        settings["Forward:Portal"] = sockets.Of("portal");
        settings["Forward:Sip"] = sockets.Of("edge");
        return settings;
    }

    /// <summary>The portal, behind the API's listener.</summary>
    public Dictionary<string, string?> Portal()
    {
        Dictionary<string, string?> settings = Common("portal");
        settings["PublicUrl"] = PublicUrl;
        settings["Portal:Api"] = "unix:" + sockets.Api;
        settings["Portal:Identity"] = "unix:" + sockets.Of("identity");
        settings["Portal:ClientSecret"] = installation.ReadPortalSecret();
        settings["Portal:KeyFolder"] = installation.CookieKeys;
        settings["Portal:SipPort"] = $"{ports.Sip}";
        settings["Portal:TlsPort"] = $"{ports.Tls}";
        settings["Portal:AuthorityFile"] = certificate.AuthorityPath;
        return settings;
    }

    /// <summary>Sign-in and tokens, behind the API's listener.</summary>
    public Dictionary<string, string?> Identity()
    {
        Dictionary<string, string?> settings = Database("identity");
        settings["Postgres:PlatformConnection"] = connection(PostgresRoles.Platform);
        settings["PublicUrl"] = PublicUrl;
        settings["Portal:ClientSecret"] = installation.ReadPortalSecret();
        settings["Identity:FirstLinkFile"] = installation.FirstLink;
        settings["Portal:AuthorityFile"] = certificate.AuthorityPath;           // whether pages tell how to trust it
        settings["Logging:LogLevel:OpenIddict"] = "Warning";                     // at Information it writes whole requests
        return settings;
    }

    /// <summary>The address that tokens and links name.</summary>
    public string PublicUrl => (options.Run with { HttpsPort = ports.Https }).PublicAt();

    /// <summary>A call control worker; its ports are free loopback ones, found by Redis and the membership table, and so is the media node.</summary>
    /// <param name="number">From 1.</param>
    public Dictionary<string, string?> Worker(int number)
    {
        Dictionary<string, string?> settings = Database($"worker-{number}");
        settings["CallControl:SpoolFolder"] = Path.Combine(installation.Spool, $"worker-{number}");
        return settings;
    }

    /// <summary>An edge.</summary>
    /// <param name="number">From 1.</param>
    public Dictionary<string, string?> Edge(int number)
    {
        Dictionary<string, string?> settings = Common(EdgeName(number));
        (int sip, int tls) = number == 1 ? (ports.Sip, ports.Tls) : ports.FurtherEdges[number - 2];
        settings["Edge:UdpPort"] = settings["Edge:TcpPort"] = $"{sip}";
        settings["Edge:TlsPort"] = $"{tls}";
        settings["Edge:CertificatePath"] = certificate.CertificatePath;
        settings["Edge:KeyPath"] = certificate.KeyPath;
        settings["Edge:CertificateFolder"] = installation.DomainCertificates;
        settings["Edge:PublicAddress"] = options.Run.PublicAddressSetting();
        AddList(settings, "Edge:Addresses", options.Run.Bind.Count > 0 ? options.Run.Bind : [IPAddress.Any, IPAddress.IPv6Any]);
        AddList(settings, "Edge:LocalNets", options.Run.LocalNets);
        return settings;
    }

    /// <summary>What an edge is called.</summary>
    public static string EdgeName(int number) => number == 1 ? "edge" : $"edge-{number}";

    /// <summary>A media node. Each has its part of the ports, and all write into one folder: one uploader takes their recordings.</summary>
    /// <param name="number">From 1.</param>
    public Dictionary<string, string?> Media(int number)
    {
        Dictionary<string, string?> settings = Common(MediaName(number));
        int share = (options.Run.MediaPorts.Last - options.Run.MediaPorts.First + 1) / options.MediaNodes / 2 * 2;
        int first = options.Run.MediaPorts.First + ((number - 1) * share);
        settings["Media:Control"] = "unix:" + sockets.Of(MediaName(number) + "-control");
        settings["Media:RecordingFolder"] = installation.Recordings;
        settings["Blobs:Folder"] = installation.Blobs;
        settings["Media:Bind"] = options.Run.MediaBind();
        settings["Media:FirstPort"] = $"{first}";
        settings["Media:LastPort"] = $"{(number == options.MediaNodes ? options.Run.MediaPorts.Last : first + share - 1)}";
        settings["Media:PublicAddress"] = options.Run.PublicAddressSetting();
        AddList(settings, "Media:LocalNets", options.Run.LocalNets);
        return settings;
    }

    /// <summary>What a media node is called.</summary>
    public static string MediaName(int number) => number == 1 ? "media" : $"media-{number}";

    /// <summary>What takes the media nodes' recordings to the object store.</summary>
    public Dictionary<string, string?> Uploader()
    {
        Dictionary<string, string?> settings = Common("uploader");
        settings["Blobs:Folder"] = installation.Blobs;
        settings["RecordingUpload:Folder"] = installation.Recordings;
        return settings;
    }

    private Dictionary<string, string?> Database(string process)
    {
        Dictionary<string, string?> settings = Common(process);
        settings["Postgres:Connection"] = connection(PostgresRoles.App);
        settings["PlatformKey:Path"] = installation.PlatformKey;
        settings["Bus:RabbitMq"] = stores.RabbitMq;
        return settings;
    }

    private Dictionary<string, string?> Common(string process) => new()
    {
        ["ASPNETCORE_URLS"] = $"http://unix:{sockets.Of(process)}",              // the health page
        ["Redis:Connection"] = stores.Redis,
        ["Logging:LogLevel:Default"] = $"{options.Run.LogLevel}",
    };

    private static string Host(IPAddress address) => address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"[{address}]" : address.ToString();

    private static void AddList<T>(Dictionary<string, string?> settings, string name, IEnumerable<T> values)
    {
        int index = 0;
        foreach (T value in values) settings[$"{name}:{index++}"] = $"{value}";
    }
}
