using System.CommandLine;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;

namespace CloudPbx.AllInOne.Commands;

/// <summary>
/// The commands' way to the REST API: of the installation that the environment names, signed in by a program's key (<see cref="RemoteInstallation"/>); else of the process that runs on a data folder,
/// over its Unix socket, with the operator token of the folder.
/// </summary>
internal sealed class ApiClient : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly HttpClient _http;

    /// <summary>Connects to the process that runs on the folder of <c>--data</c>; where that is not given, to the installation that the environment names, and to the usual folder's else.</summary>
    /// <param name="line">The command's line.</param>
    /// <exception cref="StartException">None runs there, or the token cannot be read.</exception>
    public static ApiClient Connect(ParseResult line)
    {
        // What is written on the line counts more than what a shell exported a while ago: a document applied to the wrong installation deletes what it does not name.
        if (line.GetResult(RunCommand.Data) is not { Implicit: false } && RemoteInstallation.Find(Environment.GetEnvironmentVariable) is { } remote)
            return new ApiClient(new ClientCredentialsHandler(remote), remote.Server);
        Installation installation = new(line.GetValue(RunCommand.Data)!.FullName);
        RunningInstallation running = installation.FindRunning()
            ?? throw new StartException($"No CloudPbx runs on the data folder {installation.Folder}. Start it with ./pbx run, or name its folder with --data DIR.");
        string token;
        try
        {
            token = File.ReadAllText(installation.OperatorToken).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StartException($"The operator token {installation.OperatorToken} cannot be read: {e.Message} Run the command as the user who runs CloudPbx.");
        }
        return new ApiClient(running.ApiSocket, token);
    }

    /// <summary>Connects to the API on a Unix socket.</summary>
    public ApiClient(string socketPath, string token)
    {
        _http = new HttpClient(OverSocket(socketPath)) { BaseAddress = new Uri("http://localhost/v1/") };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    private ApiClient(HttpMessageHandler handler, Uri server) => _http = new HttpClient(handler) { BaseAddress = new Uri(server, "/v1/") };

    /// <summary>HTTP over a Unix socket, whatever host the address names.</summary>
    internal static SocketsHttpHandler OverSocket(string path) => new()
    {
        ConnectCallback = async (_, cancel) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    /// <summary>GET, answered with JSON.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task<T> GetAsync<T>(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>GET of a tenant's archive, written as it comes.</summary>
    /// <param name="path">Relative to <c>/v1/</c>.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="progress">Told octets so far, octets altogether (about), recordings.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task DownloadAsync(string path, Stream to, Action<long, long, long> progress, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, cancel);
        if (!response.IsSuccessStatusCode) throw await ApiException.FromAsync(response, cancel);
        long octets = Number("Archive-Octets"), recordings = Number("Archive-Recordings");
        await using Stream from = await response.Content.ReadAsStreamAsync(cancel);
        byte[] buffer = new byte[128 * 1024];
        long have = 0;
        for (int read; (read = await from.ReadAsync(buffer, cancel)) > 0;)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            progress(have += read, octets, recordings);
        }

        long Number(string header) => response.Headers.TryGetValues(header, out IEnumerable<string>? values) && long.TryParse(values.First(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out long number) ? number : 0;
    }

    /// <summary>POST without a body, answered with JSON.</summary>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task<T> PostAsync<T>(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.PostAsync(new Uri(path, UriKind.Relative), null, cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>POST of JSON text as it is, answered with JSON.</summary>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task<T> PostAsync<T>(string path, string json, CancellationToken cancel)
    {
        using var content = new StringContent(json, new MediaTypeHeaderValue("application/json", "utf-8"));
        using HttpResponseMessage response = await _http.PostAsync(new Uri(path, UriKind.Relative), content, cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>PUT of JSON text as it is, answered with JSON.</summary>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task<T> PutAsync<T>(string path, string json, CancellationToken cancel)
    {
        using var content = new StringContent(json, new MediaTypeHeaderValue("application/json", "utf-8"));
        using HttpResponseMessage response = await _http.PutAsync(new Uri(path, UriKind.Relative), content, cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>DELETE, answered with JSON.</summary>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task<T> DeleteAsync<T>(string path, CancellationToken cancel)
    {
        using HttpResponseMessage response = await _http.DeleteAsync(new Uri(path, UriKind.Relative), cancel);
        return await ReadAsync<T>(response, cancel);
    }

    /// <summary>A request without body, whose answer has none that matters.</summary>
    /// <exception cref="ApiException">The API answered with a problem.</exception>
    public async Task SendAsync(HttpMethod method, string path, CancellationToken cancel)
    {
        using HttpRequestMessage request = new(method, new Uri(path, UriKind.Relative));
        using HttpResponseMessage response = await _http.SendAsync(request, cancel);
        if (!response.IsSuccessStatusCode) throw await ApiException.FromAsync(response, cancel);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancel)
    {
        if (!response.IsSuccessStatusCode) throw await ApiException.FromAsync(response, cancel);
        return (await response.Content.ReadFromJsonAsync<T>(s_json, cancel))!;
    }
}
