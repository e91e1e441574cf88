using System.Text.Json;
using Microsoft.Playwright;

namespace CloudPbx.Load.Browsers;

/// <summary>Scrolls a long list as fast as it comes, a window at a time.</summary>
/// <param name="Milliseconds">From each scroll until every row that is seen is filled.</param>
/// <param name="LongTasks">Tasks of the page of more than 50 ms (W3C Long Tasks), in which nothing could be done.</param>
/// <param name="Rows">The most rows that were in the page at a time.</param>
internal sealed record Scrolling(IReadOnlyList<double> Milliseconds, IReadOnlyList<double> LongTasks, int Rows)
{
    private const string Scroll = """
        async windows => {
          const frame = () => new Promise(requestAnimationFrame);
          const filled = () => {
            const seen = [...document.querySelectorAll('.cp-table tbody tr')].filter(row => { const box = row.getBoundingClientRect(); return box.height > 0 && box.bottom > 80 && box.top < innerHeight - 1; });
            return seen.length > 3 && seen.every(row => row.querySelector('a.main'));
          };
          const times = [];
          let rows = 0;
          window.longTasks.length = 0;
          // The list is there before its first rows are: the page measures itself first. And at its end, as far as it was read, it grows when the next part has come.
          for (const begin = performance.now(); !filled() && performance.now() - begin < 10000;) await frame();
          for (let n = 0; n < windows; n++) {
            const at = scrollY, begin = performance.now();
            do { scrollBy(0, innerHeight); } while (scrollY === at && performance.now() - begin < 3000 && await frame());
            if (scrollY === at) break;
            do { await frame(); } while (!filled() && performance.now() - begin < 10000);
            times.push(performance.now() - begin);
            rows = Math.max(rows, document.querySelectorAll('.cp-table tbody tr').length);
          }
          await new Promise(done => setTimeout(done, 500));
          return { times, rows, longTasks: window.longTasks };
        }
        """;

    public static async Task<Scrolling> OfAsync(IPage page, int windows)
    {
        JsonElement answer = await page.EvaluateAsync<JsonElement>(Scroll, windows);
        return new Scrolling(Figures("times"), Figures("longTasks"), answer.GetProperty("rows").GetInt32());

        double[] Figures(string name) => [.. answer.GetProperty(name).EnumerateArray().Select(figure => figure.GetDouble())];
    }
}
