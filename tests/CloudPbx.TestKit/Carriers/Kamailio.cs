using System.Net;
using CloudPbx.TestKit.Phones;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.TestKit.Carriers;

/// <summary>
/// Kamailio (tried with 5.6) as a carrier's registrar and proxy, which challenges REGISTER and INVITE: what is called through it goes to the telephone network (<see cref="HostileCarrier"/>, whose
/// product it is), and what that calls goes to the Contact of the account that its <c>X-Line</c> names (without: <see cref="Line"/>), the number in To. It stays in the way of the dialogs (Record-Route). OPTIONS to an account are answered
/// with how many bindings it has: <c>200 1</c>, <c>404 0</c>.
/// </summary>
public sealed class Kamailio : IAsyncDisposable
{
    /// <summary>The account that the telephone network's calls go to, unless they say another one.</summary>
    public const string Line = "line-1";

    private readonly PhoneWorkspace _work;
    private readonly ChildProcess _process;

    private Kamailio(PhoneWorkspace work, ChildProcess process, IPEndPoint at) => (_work, _process, At) = (work, process, at);

    /// <summary>Where it listens, by UDP.</summary>
    public IPEndPoint At { get; }

    /// <summary>What it said.</summary>
    public string Log => string.Join('\n', _process.Output.Snapshot());

    /// <summary>Starts one. What is sent to it before it listens comes again.</summary>
    /// <param name="at">Where it listens.</param>
    /// <param name="network">Where the telephone network is; by its address it is known.</param>
    /// <param name="password">The password of all accounts.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<Kamailio> StartAsync(IPEndPoint at, IPEndPoint network, string password, CancellationToken cancel)
    {
        PhoneWorkspace work = new("kamailio");
        string configuration = await work.WriteAsync("kamailio.cfg", Configuration(at, network, password), cancel);
        ChildProcess process = work.Start([Tools.Find("kamailio") ?? "kamailio", "-DD", "-E", "-f", configuration, "-Y", work.Directory, "-P", work.PathOf("pid"), "-m", "32", "-M", "4"]);
        return new Kamailio(work, process, at);
    }

    /// <summary>Asks it, in the telephone network's name, how many bindings an account has: <c>200 1</c>, <c>404 0</c>.</summary>
    /// <param name="network">The telephone network.</param>
    /// <param name="account">The account.</param>
    public static async Task<string> BindingsAsync(HostileCarrier network, string account)
    {
        string call = Guid.NewGuid().ToString("N");
        network.Send(
            $"""
            OPTIONS sip:{account}@[pbx] SIP/2.0
            Via: SIP/2.0/UDP [local];branch=[branch];rport
            Max-Forwards: 70
            From: <sip:network@[ip]>;tag={call}
            To: <sip:{account}@[pbx]>
            Call-ID: {call}
            CSeq: 1 OPTIONS
            Content-Length: 0

            """);
        while (true)
        {
            RawMessage answer = await network.ExpectAsync("200 OPTIONS|404 OPTIONS");
            if (answer["Call-ID"] == call)
                return answer.StartLine["SIP/2.0 ".Length..];
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _work.DisposeAsync();

    private static string Configuration(IPEndPoint at, IPEndPoint network, string password) =>
        $$"""
        #!KAMAILIO
        children=1
        disable_tcp=yes
        auto_aliases=no
        log_stderror=yes
        debug=1
        listen=udp:{{at}}
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "rr.so"
        loadmodule "pv.so"
        loadmodule "textops.so"
        loadmodule "siputils.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "auth.so"
        request_route {
            if (has_totag()) {
                if (loose_route()) t_relay();
                else if (is_method("ACK")) {
                    if (t_check_trans()) t_relay();
                }
                else sl_send_reply("481", "No Dialog");
                exit;
            }
            if (is_method("CANCEL")) {
                if (t_check_trans()) t_relay();
                exit;
            }
            t_check_trans();
            if (is_method("OPTIONS")) {
                if (reg_fetch_contacts("location", "$ru", "line")) sl_send_reply("200", "$(ulc(line=>count))");
                else sl_send_reply("404", "0");
                exit;
            }
            if (is_method("REGISTER")) {
                if (!pv_www_authenticate("$td", "{{password}}", "0")) {
                    www_challenge("$td", "0");
                    exit;
                }
                save("location");
                exit;
            }
            record_route();
            if ($si == "{{network.Address}}") {
                if (is_present_hf("X-Line")) $ru = "sip:" + $hdr(X-Line) + "@{{at.Address}}";
                else $ru = "sip:{{Line}}@{{at.Address}}";
                if (!lookup("location")) {
                    sl_send_reply("480", "Not Registered");
                    exit;
                }
                t_relay();
                exit;
            }
            if (!pv_proxy_authenticate("{{at.Address}}", "{{password}}", "0")) {
                proxy_challenge("{{at.Address}}", "0");
                exit;
            }
            consume_credentials();
            $du = "sip:{{network}}";
            t_relay();
        }
        """;
}
