using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;

namespace CloudPbx.AllInOne.Commands;

/// <summary><c>run</c>: starts the product in this process, with the media node as a child, until Ctrl-C.</summary>
internal static class RunCommand
{
    private static readonly Option<DirectoryInfo> s_data = new("--data")
    {
        Description = "Folder for everything that has to survive: database, keys, certificates. Made when it is not there.",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };
    private static readonly Option<IPAddress[]> s_bind = new("--bind")
    {
        Description = "Local address to listen on (repeat for several). Default: all addresses.",
        CustomParser = result => ParseEach(result, static (string text, out IPAddress? value) => IPAddress.TryParse(text, out value), "an IP address such as 192.168.1.10"),
        DefaultValueFactory = _ => [],
    };
    private static readonly Option<int> s_sipPort = Port("--sip-port", "SIP over UDP and TCP.", RunOptions.DefaultSipPort);
    private static readonly Option<int> s_tlsPort = Port("--tls-port", "SIP over TLS.", RunOptions.DefaultTlsPort);
    private static readonly Option<int> s_httpsPort = Port("--https-port", "Portal, sign-in and REST API.", RunOptions.DefaultHttpsPort);
    private static readonly Option<Uri?> s_publicUrl = new("--public-url")
    {
        Description = "The address by which browsers and programs reach this machine, such as https://pbx.example.com: it is written into tokens and links. Default: https://localhost and the HTTPS port.",
        CustomParser = ParsePublicUrl,
        HelpName = "URL",
    };
    private static readonly Option<IPEndPoint?> s_management = new("--management")
    {
        Description = "Address and port for health and metrics over HTTP without TLS, for Prometheus: 127.0.0.1:9464. Default: none but the Unix socket of the commands.",
        CustomParser = result => ParseEach(result, static (string text, out IPEndPoint? value) => IPEndPoint.TryParse(text, out value), "an address and port such as 127.0.0.1:9464").FirstOrDefault(),
        HelpName = "ADDRESS:PORT",
    };
    private static readonly Option<PortRange> s_mediaPorts = new("--media-ports")
    {
        Description = "UDP ports for RTP and RTCP, FIRST-LAST; two for each party of a call.",
        CustomParser = ParsePortRange,
        DefaultValueFactory = _ => new RunOptions().MediaPorts,
        HelpName = "FIRST-LAST",
    };
    private static readonly Option<string> s_domain = new("--domain")
    {
        Description = "SIP domain of the demo tenant, used on the first start.",
        DefaultValueFactory = _ => RunOptions.DefaultDomain,
    };
    private static readonly Option<bool> s_noDemo = new("--no-demo") { Description = "Create no demo tenant on the first start." };
    private static readonly Option<bool> s_sample = new("--sample")
    {
        Description = "Fill a new installation with three invented companies, 200 extensions, 50,000 calls and some recordings, to look around in. The data folder must be empty.",
    };
    private static readonly Option<IPAddress[]> s_publicAddress = new("--public-address")
    {
        Description = "The address by which phones outside the local networks reach this machine (behind a router with port forwarding); repeat it for one of each family.",
        CustomParser = ParsePublicAddresses,
        DefaultValueFactory = _ => [],
    };
    private static readonly Option<IPNetwork[]> s_localNets = new("--local-net")
    {
        Description = "Network whose phones are given the local address instead of the public one, as ADDRESS/BITS (repeat for several). Default: the networks of this machine's interfaces.",
        CustomParser = result => ParseEach(result, static (string text, out IPNetwork value) => IPNetwork.TryParse(text, out value), "a network such as 192.168.1.0/24"),
        DefaultValueFactory = _ => [],
    };
    private static readonly Option<FileInfo?> s_certificate = new("--certificate")
    {
        Description = "PEM file with your own certificate and its chain, read again whenever it changes. Default: one signed by an authority made on the first start.",
    };
    private static readonly Option<FileInfo?> s_key = new("--key") { Description = "PEM file with the private key to --certificate." };
    private static readonly Option<LogLevel> s_logLevel = new("--log-level")
    {
        Description = "The least level that is logged.",
        DefaultValueFactory = _ => LogLevel.Warning,
    };

    /// <summary>The option by which every command finds the data folder.</summary>
    public static Option<DirectoryInfo> Data => s_data;

    public static Command Build()
    {
        var command = new Command("run", "Start CloudPbx and serve until Ctrl-C. The first start creates a demo tenant and prints how to connect phones.") { s_data, s_management, s_sample };
        foreach (Option option in Shared) command.Add(option);
        command.Validators.Add(ValidateCertificate);
        command.SetAction((parsed, cancel) => Product.RunAsync(ToOptions(parsed, parsed.GetValue(s_data)!) with { Management = parsed.GetValue(s_management), Sample = parsed.GetValue(s_sample) }, cancel));
        return command;
    }

    /// <summary>What <c>run</c> and <c>cluster</c> have in common, but for the data folder.</summary>
    internal static IEnumerable<Option> Shared =>
        [s_bind, s_sipPort, s_tlsPort, s_httpsPort, s_publicUrl, s_mediaPorts, s_domain, s_noDemo, s_publicAddress, s_localNets, s_certificate, s_key, s_logLevel];

    /// <summary>A certificate without its key is half a wish.</summary>
    internal static void ValidateCertificate(CommandResult result)
    {
        if (result.GetValue(s_certificate) is null != result.GetValue(s_key) is null)
            result.AddError("--certificate and --key belong together: give both, or neither.");
    }

    /// <summary>The values of <see cref="Shared"/>.</summary>
    internal static RunOptions ToOptions(ParseResult parsed, DirectoryInfo data) => new()
    {
        Data = data.FullName,
        Bind = parsed.GetValue(s_bind)!,
        SipPort = parsed.GetValue(s_sipPort),
        TlsPort = parsed.GetValue(s_tlsPort),
        HttpsPort = parsed.GetValue(s_httpsPort),
        PublicUrl = parsed.GetValue(s_publicUrl),
        MediaPorts = parsed.GetValue(s_mediaPorts),
        Domain = parsed.GetValue(s_domain)!,
        Demo = !parsed.GetValue(s_noDemo),
        PublicAddresses = parsed.GetValue(s_publicAddress)!,
        LocalNets = parsed.GetValue(s_localNets)!,
        Certificate = parsed.GetValue(s_certificate)?.FullName,
        Key = parsed.GetValue(s_key)?.FullName,
        LogLevel = parsed.GetValue(s_logLevel),
    };

    private static Option<int> Port(string name, string what, int standard) => new(name)
    {
        Description = $"{what} 0 takes any free port.",
        CustomParser = result => ParseNumber(result, 0, 65535, $"{name} must be a port from 1 to 65535, or 0 for any free one."),
        DefaultValueFactory = _ => standard,
        HelpName = "PORT",
    };

    /// <summary>Reads a number in a range. A validator would be too late: reading a value that is no number at all throws there.</summary>
    internal static int ParseNumber(ArgumentResult result, int least, int most, string error)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most) return number;
        result.AddError(error);
        return least;
    }

    private static Uri? ParsePublicUrl(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme == Uri.UriSchemeHttps && url.AbsolutePath == "/" && url.Query.Length == 0) return url;
        result.AddError("--public-url takes an address that begins with https:// and has no path, for example https://pbx.example.com.");
        return null;
    }

    private static IPAddress[] ParsePublicAddresses(ArgumentResult result)
    {
        IPAddress[] addresses = ParseEach(result, static (string text, out IPAddress? value) => IPAddress.TryParse(text, out value), "an IP address such as 203.0.113.7");
        if (addresses.DistinctBy(address => address.AddressFamily).Count() < addresses.Length)
            result.AddError("--public-address takes one address of IPv4 and one of IPv6.");
        return addresses;
    }

    private static PortRange ParsePortRange(ArgumentResult result)
    {
        string[] ends = result.Tokens[0].Value.Split('-');
        if (ends.Length == 2 && int.TryParse(ends[0], out int first) && int.TryParse(ends[1], out int last)
            && first is >= 1024 and <= 65534 && first % 2 == 0 && last > first && last % 2 == 1 && last <= 65535)
            return new PortRange(first, last);
        result.AddError("--media-ports takes FIRST-LAST with an even first port from 1024 on and an odd last one, for example 20000-29999.");
        return default;
    }

    private delegate bool TryParser<T>(string text, out T? value);

    private static T[] ParseEach<T>(ArgumentResult result, TryParser<T> parse, string wanted)
    {
        List<T> values = [];
        foreach (Token token in result.Tokens)
        {
            if (parse(token.Value, out T? value)) values.Add(value!);
            else result.AddError($"'{token.Value}' is not {wanted}.");
        }
        return [.. values];
    }
}
