using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using CloudPbx.TestKit.Processes;

namespace CloudPbx.Browser.Tests.Phones;

/// <summary>
/// Debian's Firefox without a screen, led by WebDriver BiDi (W3C), which it speaks by itself: Playwright wants a Firefox of its own. One window; a microphone that plays a tone.
/// </summary>
internal sealed class Firefox : IAsyncDisposable
{
    /// <summary>The program.</summary>
    public const string Path = "/usr/bin/firefox-esr";

    /// <summary>The Enter key, as WebDriver names it (§17.4.2).</summary>
    public const char Enter = '\uE007';

    private const string Listening = "WebDriver BiDi listening on ", Marker = "firefox";
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100), s_answer = TimeSpan.FromSeconds(5);

    private readonly string _folder;
    private readonly ChildProcess _process;
    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = [];
    private readonly CancellationTokenSource _gone = new();
    private string _window = "";
    private int _commands;
    private Task _reading = Task.CompletedTask;

    private Firefox(string folder, ChildProcess process) => (_folder, _process) = (folder, process);

    /// <summary>What pages complained about.</summary>
    public ConcurrentQueue<string> Faults { get; } = [];

    /// <summary>Starts it.</summary>
    /// <param name="hertz">What its microphone plays.</param>
    /// <param name="script">A function that each page runs before its own scripts.</param>
    /// <param name="cancel">Ends the wait.</param>
    public static async Task<Firefox> StartAsync(int hertz, string script, CancellationToken cancel)
    {
        string folder = Directory.CreateTempSubdirectory("pbx-firefox-").FullName;
        // A microphone that nobody has to allow, sound that no gesture has to begin, and this machine as a place to talk to.
        await File.WriteAllLinesAsync(System.IO.Path.Combine(folder, "user.js"),
        [
            Preference("media.navigator.streams.fake", true), Preference("media.navigator.permission.disabled", true), Preference("media.navigator.audio.fake_frequency", hertz),
            Preference("media.autoplay.default", 0), Preference("media.autoplay.blocking_policy", 0), Preference("media.peerconnection.ice.loopback", true),
            Preference("datareporting.policy.dataSubmissionEnabled", false), Preference("browser.shell.checkDefaultBrowser", false), Preference("app.update.disabledForTesting", true),
        ], cancel);
        var environment = new Dictionary<string, string?> { ["HOME"] = folder, [StrayProcesses.Variable] = Marker + System.IO.Path.GetFileName(folder) };
        ChildProcess process = ChildProcess.Start([Path, "--headless", "--no-remote", "--profile", folder, "--remote-debugging-port", "0", "--width", "1280", "--height", "860"], folder, environment);
        Firefox firefox = new(folder, process);
        try
        {
            (string line, _) = await process.Output.WaitAsync(said => said.Contains(Listening, StringComparison.Ordinal), 0, Visit.Patience, cancel) ?? throw new InvalidOperationException(process.Tail());
            await firefox._socket.ConnectAsync(new Uri(line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..].TrimEnd('/') + "/session"), cancel);
            firefox._reading = firefox.ReadAsync();
            await firefox.DoAsync("session.new", new { capabilities = new { alwaysMatch = new { acceptInsecureCerts = true } } }, cancel);
            await firefox.DoAsync("session.subscribe", new { events = new[] { "log.entryAdded" } }, cancel);
            await firefox.DoAsync("script.addPreloadScript", new { functionDeclaration = script }, cancel);
            JsonElement tree = await firefox.DoAsync("browsingContext.getTree", new { }, cancel);
            firefox._window = tree.GetProperty("contexts")[0].GetProperty("context").GetString()!;
            return firefox;
        }
        catch
        {
            await firefox.DisposeAsync();
            throw;
        }
    }

    /// <summary>Goes to an address, until the page is loaded.</summary>
    public Task GoAsync(string address, CancellationToken cancel) => DoAsync("browsingContext.navigate", new { context = _window, url = address, wait = "complete" }, cancel);

    /// <summary>Evaluates an expression; what it promises is awaited.</summary>
    /// <exception cref="InvalidOperationException">It threw, or the page went meanwhile.</exception>
    public async Task<JsonElement> EvaluateAsync(string expression, CancellationToken cancel)
    {
        JsonElement answer = await DoAsync("script.evaluate", new { expression, target = new { context = _window }, awaitPromise = true, userActivation = true }, cancel);
        if (answer.GetProperty("type").GetString() != "success")
            throw new InvalidOperationException($"{expression}: {answer.GetProperty("exceptionDetails").GetProperty("text").GetString()}");
        return answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value : default;
    }

    /// <summary>Waits until an expression is true. A page may take the place of another meanwhile, and what was asked of it is then never answered.</summary>
    public async Task WaitAsync(string expression, CancellationToken cancel)
    {
        string last = "";
        for (long begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < Visit.Patience; await Task.Delay(s_pause, cancel))
        {
            try
            {
                if ((await EvaluateAsync($"!!({expression})", cancel).WaitAsync(s_answer, cancel)).ValueKind == JsonValueKind.True)
                    return;
            }
            catch (Exception fault) when (fault is InvalidOperationException or TimeoutException)
            {
                last = fault.Message;
            }
        }
        string page = (await EvaluateAsync("location.href + '\\n' + document.body.innerText", cancel).WaitAsync(s_answer, cancel)).ToString();
        throw new InvalidOperationException($"never {expression} {last}\n{string.Join('\n', Faults)}\n{page}");
    }

    /// <summary>Types, as a person does, where a field is; <see cref="Enter"/> among the letters is that key.</summary>
    public async Task TypeAsync(string selector, string text, CancellationToken cancel)
    {
        await WaitAsync($"document.querySelector('{selector}')", cancel);
        await EvaluateAsync($"document.querySelector('{selector}').focus()", cancel);
        object[] keys = [.. text.SelectMany(letter => new object[] { new { type = "keyDown", value = $"{letter}" }, new { type = "keyUp", value = $"{letter}" } })];
        await DoAsync("input.performActions", new { context = _window, actions = new[] { new { type = "key", id = "keyboard", actions = keys } } }, cancel);
    }

    /// <summary>Clicks an element.</summary>
    public async Task ClickAsync(string selector, CancellationToken cancel)
    {
        await WaitAsync($"document.querySelector('{selector}')", cancel);
        await EvaluateAsync($"document.querySelector('{selector}').click()", cancel);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _reading;
        _socket.Dispose();
        _gone.Dispose();
        await _process.DisposeAsync();
        StrayProcesses.Kill(Marker + System.IO.Path.GetFileName(_folder));          // its pages are processes of their own
        Directory.Delete(_folder, recursive: true);
    }

    private static string Preference(string name, object value) => $"user_pref({JsonSerializer.Serialize(name)}, {JsonSerializer.Serialize(value)});";

    private async Task<JsonElement> DoAsync(string method, object parameters, CancellationToken cancel)
    {
        int id = ++_commands;
        TaskCompletionSource<JsonElement> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, true, CancellationToken.None);
        JsonElement said = await answer.Task.WaitAsync(Visit.Patience, cancel);
        return said.GetProperty("type").GetString() == "success" ? said.GetProperty("result") : throw new InvalidOperationException($"{method}: {said.GetProperty("error")} {said.GetProperty("message")}");
    }

    private async Task ReadAsync()
    {
        ArrayBufferWriter<byte> message = new();
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(message.GetMemory(1 << 16), _gone.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                    break;
                message.Advance(part.Count);
                if (!part.EndOfMessage)
                    continue;
                Take(JsonDocument.Parse(message.WrittenMemory).RootElement.Clone());
                message.ResetWrittenCount();
            }
        }
        catch (Exception fault) when (fault is OperationCanceledException or WebSocketException)
        {
            // it ended, or the test did
        }
        foreach (TaskCompletionSource<JsonElement> waiting in _asked.Values)
            waiting.TrySetException(new InvalidOperationException(_process.Tail()));
    }

    private void Take(JsonElement said)
    {
        if (said.TryGetProperty("id", out JsonElement id) && id.ValueKind == JsonValueKind.Number && _asked.TryRemove(id.GetInt32(), out TaskCompletionSource<JsonElement>? asked))
            asked.TrySetResult(said);
        else if (said.TryGetProperty("method", out JsonElement happened) && happened.GetString() == "log.entryAdded" && said.GetProperty("params") is var entry && entry.GetProperty("level").GetString() == "error")
            Faults.Enqueue($"{entry.GetProperty("text")}");
    }
}
