using CloudPbx.Edge.Listeners;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace CloudPbx.Edge.Tests;

/// <summary>S19: what is wrong with one certificate, or with the folder of them, is no other's concern.</summary>
public sealed class CertificateStoreTests : IDisposable
{
    private readonly CertificateFiles _main = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<EdgeCertificateFiles> _inFolder = [];
    private readonly List<CertificateFiles> _made = [];
    private Exception? _fault;

    [Fact]
    public void A_folder_that_cannot_be_read_keeps_the_options_certificate_from_nothing()
    {
        _main.Write("pbx.example");
        _fault = new UnauthorizedAccessException("Access to the path is denied.");
        CertificateStore store = Store();
        Assert.Equal(_main.Thumbprint, Found(store, "pbx.example"));
        Renew(_main, "pbx.example");
        store.Reload();
        Assert.Equal(_main.Thumbprint, Found(store, "pbx.example"));
    }

    [Fact]
    public void What_was_in_a_folder_that_cannot_be_read_any_more_stays_and_is_renewed()
    {
        _main.Write("pbx.example");
        CertificateFiles own = InFolder("acme.example");
        CertificateStore store = Store();
        Assert.Equal(own.Thumbprint, Found(store, "acme.example"));
        _fault = new IOException("Input/output error");
        Renew(own, "acme.example");
        store.Reload();
        Assert.Equal(own.Thumbprint, Found(store, "acme.example"));
        (_fault, string before) = (null, own.Thumbprint);
        _inFolder.Clear();
        store.Reload();
        Assert.NotEqual(before, Found(store, "acme.example"));
    }

    [Fact]
    public void A_certificate_with_malformed_names_is_not_taken_and_the_others_are()
    {
        _main.Write("pbx.example");
        InFolder("bad.example", rawNames: [0x30, 0x05, 0x82, 0x09, 0x61, 0x62, 0x63]);
        CertificateFiles own = InFolder("acme.example");
        CertificateStore store = Store();
        Assert.Equal(own.Thumbprint, Found(store, "acme.example"));
        Assert.Equal(_main.Thumbprint, Found(store, "bad.example"));
        Renew(own, "acme.example");
        store.Reload();
        Assert.Equal(own.Thumbprint, Found(store, "acme.example"));
    }

    [Fact]
    public void Whatever_goes_wrong_leaves_what_was_there_and_is_no_end_of_looking()
    {
        _main.Write("pbx.example");
        CertificateStore store = Store();
        _fault = new InvalidOperationException("a fault of ours");
        store.Reload();
        Assert.Equal(_main.Thumbprint, Found(store, "pbx.example"));
        _fault = null;
        Renew(_main, "pbx.example");
        store.Reload();
        Assert.Equal(_main.Thumbprint, Found(store, "pbx.example"));
    }

    [Fact]
    public void Of_two_in_the_folder_with_one_name_the_valid_one_counts_then_the_one_that_ends_later()
    {
        _main.Write("pbx.example");
        DateTimeOffset now = _time.GetUtcNow();
        CertificateFiles expired = InFolder("acme.example", ends: now.AddMinutes(-10)), soon = InFolder("acme.example", ends: now.AddHours(10)), longest = InFolder("acme.example", ends: now.AddHours(20)),
            later = InFolder("acme.example", begins: now.AddHours(15), ends: now.AddHours(30)), only = InFolder("other.example", ends: now.AddMinutes(-10));
        CertificateStore store = Store();
        Assert.Equal(longest.Thumbprint, Found(store, "acme.example"));
        Assert.Equal(only.Thumbprint, Found(store, "other.example"));                   // an expired one where there is no other
        Assert.DoesNotContain(Found(store, "acme.example"), (string[])[expired.Thumbprint, soon.Thumbprint]);
        _time.Advance(TimeSpan.FromHours(16));                                          // no file has changed
        store.Reload();
        Assert.Equal(later.Thumbprint, Found(store, "acme.example"));
        _time.Advance(TimeSpan.FromHours(15));                                          // all have ended
        store.Reload();
        Assert.Equal(later.Thumbprint, Found(store, "acme.example"));
    }

    [Fact]
    public void The_names_of_the_options_certificate_are_its_own_even_when_it_has_ended()
    {
        _main.Write("pbx.example");
        InFolder("pbx.example");
        CertificateStore store = Store();
        _time.Advance(TimeSpan.FromDays(3));
        store.Reload();
        Assert.Equal(_main.Thumbprint, Found(store, "pbx.example"));
    }

    public void Dispose()
    {
        _main.Dispose();
        _made.ForEach(files => files.Dispose());
    }

    private static string Found(CertificateStore store, string name) => store.Find(name)!.TargetCertificate.Thumbprint;

    private static void Renew(CertificateFiles files, params string[] names)
    {
        files.Write(names);
        File.SetLastWriteTimeUtc(files.CertificatePath, DateTime.UtcNow.AddSeconds(5));
    }

    private CertificateStore Store() => new(
        new EdgeOptions { CertificatePath = _main.CertificatePath, KeyPath = _main.KeyPath },
        () => _fault is null ? [.. _inFolder] : throw _fault,
        _time,
        NullLogger<CertificateStore>.Instance);

    private CertificateFiles InFolder(string name, DateTimeOffset? begins = null, DateTimeOffset? ends = null, byte[]? rawNames = null)
    {
        CertificateFiles files = new() { Begins = begins, Ends = ends, RawNames = rawNames };
        files.Write(name);
        _made.Add(files);
        _inFolder.Add(new EdgeCertificateFiles { CertificatePath = files.CertificatePath, KeyPath = files.KeyPath });
        return files;
    }
}
